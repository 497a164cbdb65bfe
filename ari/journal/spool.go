package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"hotline/ari/call"
)

// spool is an append-only file of entries: one line each, with a checksum
// before it. A line that was cut off by a crash was never acknowledged and is
// dropped. Only one process may use a folder.
type spool struct {
	file    *os.File // appended to
	refused string   // where refused entries are kept
	read    int64    // everything before this offset is in the store
	end     int64    // end of the line that next returned
	size    int64

	reader *bufio.Reader // over the file from pos on; nil after an append, which it does not see
	pos    int64
}

// line is the form of an entry in the file.
type line struct {
	Call  string          `json:"call"`
	Slot  int             `json:"slot"`
	Epoch int64           `json:"epoch"`
	Seq   int64           `json:"seq"`
	At    time.Time       `json:"at"`
	Type  string          `json:"type"`
	Data  json.RawMessage `json:"data"`
	After call.State      `json:"after"`
}

// openSpool opens or makes the spool and counts what it holds.
func openSpool(dir string) (*spool, int, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, 0, fmt.Errorf("spool: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "log.spool"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("spool: %w", err)
	}
	s := &spool{file: f, refused: filepath.Join(dir, "log.refused")}
	if err := lock(f); err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("spool %s: another process uses it: %w", f.Name(), err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("spool: %w", err)
	}
	s.size = info.Size()
	count := 0
	for {
		_, ok, err := s.next()
		if err != nil || !ok {
			break
		}
		count++
		s.done()
	}
	// What follows the last whole line is the rest of a write that was cut off.
	s.size = s.read
	if err := f.Truncate(s.size); err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("spool: %w", err)
	}
	s.rewind(0)
	return s, count, nil
}

func (s *spool) rewind(to int64) { s.read, s.end, s.reader = to, to, nil }

func (s *spool) close() error { return s.file.Close() }

func encode(items []call.Transition) ([]byte, error) {
	var b bytes.Buffer
	for _, i := range items {
		data, err := json.Marshal(i.Entry.Event)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", call.TypeOf(i.Entry.Event), err)
		}
		text, err := json.Marshal(line{
			Call: i.Entry.Call, Slot: i.Entry.Slot, Epoch: i.Entry.Epoch, Seq: i.Entry.Seq, At: i.Entry.At,
			Type: call.TypeOf(i.Entry.Event), Data: data, After: i.After,
		})
		if err != nil {
			return nil, fmt.Errorf("encode entry: %w", err)
		}
		fmt.Fprintf(&b, "%08x %s\n", crc32.ChecksumIEEE(text), text)
	}
	return b.Bytes(), nil
}

func decode(text []byte) (call.Transition, error) {
	sum, body, ok := bytes.Cut(bytes.TrimSuffix(text, []byte("\n")), []byte(" "))
	want, err := strconv.ParseUint(string(sum), 16, 32)
	if !ok || err != nil || uint32(want) != crc32.ChecksumIEEE(body) {
		return call.Transition{}, errors.New("the line is damaged")
	}
	var l line
	if err := json.Unmarshal(body, &l); err != nil {
		return call.Transition{}, fmt.Errorf("decode entry: %w", err)
	}
	e, err := call.Decode(l.Type, l.Data)
	if err != nil {
		return call.Transition{}, err
	}
	return call.Transition{Entry: call.Entry{Call: l.Call, Slot: l.Slot, Epoch: l.Epoch, Seq: l.Seq, At: l.At, Event: e}, After: l.After}, nil
}

// append writes items and returns when the disk has them. After an error
// nothing of them is there.
func (s *spool) append(items []call.Transition) error {
	b, err := encode(items)
	if err != nil {
		return err
	}
	if _, err := s.file.WriteAt(b, s.size); err != nil {
		return fmt.Errorf("write to the spool: %w", errors.Join(err, s.file.Truncate(s.size)))
	}
	if err := s.file.Sync(); err != nil {
		return fmt.Errorf("sync the spool: %w", errors.Join(err, s.file.Truncate(s.size)))
	}
	s.size += int64(len(b))
	s.reader = nil
	return nil
}

// next returns the oldest item that is not done; ok is false when there is none.
func (s *spool) next() (call.Transition, bool, error) {
	if s.read >= s.size {
		return call.Transition{}, false, nil
	}
	if s.reader == nil || s.pos != s.read {
		s.reader = bufio.NewReader(io.NewSectionReader(s.file, s.read, s.size-s.read))
		s.pos = s.read
	}
	text, err := s.reader.ReadBytes('\n')
	if err != nil {
		return call.Transition{}, false, fmt.Errorf("read the spool: %w", err)
	}
	item, err := decode(text)
	if err != nil {
		return call.Transition{}, false, fmt.Errorf("read the spool at byte %d: %w", s.read, err)
	}
	s.pos += int64(len(text))
	s.end = s.pos
	return item, true, nil
}

// done tells that the item that next returned is in the store. The file still
// has it until clear: given to the store again, it changes nothing.
func (s *spool) done() { s.read = s.end }

// clear empties the file; everything in it is done.
func (s *spool) clear() error {
	if err := s.file.Truncate(0); err != nil {
		return fmt.Errorf("empty the spool: %w", err)
	}
	s.size = 0
	s.rewind(0)
	return s.file.Sync()
}

// refuse keeps an entry that the log does not take any more.
func (s *spool) refuse(i call.Transition) error {
	b, err := encode([]call.Transition{i})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(s.refused, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("keep a refused entry: %w", err)
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}
