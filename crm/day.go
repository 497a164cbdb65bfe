package crm

import "time"

// Zone is the hotline's: days begin and end here. China has one zone and no
// summer time, so a fixed offset is exact and needs no zone files on the
// machine. One hotline serves one zone in this version.
var Zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// Day is the first moment of the day of t in the hotline's zone, and that of
// the day after.
func Day(t time.Time) (from, to time.Time) {
	y, m, d := t.In(Zone).Date()
	from = time.Date(y, m, d, 0, 0, 0, 0, Zone)
	return from, from.AddDate(0, 0, 1)
}

const (
	// ShortAbandon is up to when an abandoned wait counts as a slip of the finger
	// and is named apart.
	ShortAbandon = 5 * time.Second
	// ConnectWithin is N of the "N秒接通率": the share of decided calls that an
	// agent answered within it, from the entry into the queue, ring time included.
	ConnectWithin = 15 * time.Second
)
