package pg

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/jackc/pgx/v5"

	"hotline/ari/call"
	"hotline/crm"
)

// DemoSummary tells what the demo estate holds, whoever made it.
type DemoSummary struct {
	Made      bool // by this run
	Homes     int
	Customers int
	Tickets   int
	Calls     int
	Users     []DemoUser
}

// DemoUser is somebody to sign in as.
type DemoUser struct {
	Username, Name, Extension string
	Roles                     []string
}

var demoUsers = []DemoUser{
	{"1001", "王芳", "1001", []string{"agent"}},
	{"1002", "刘洋", "1002", []string{"agent"}},
	{"2001", "赵敏", "", []string{"supervisor"}},
	{"9001", "管理员", "", []string{"administrator"}},
}

// The people of the demo estate: the i-th has the number 13800138000 + number
// and the i-th home of demoHomes, unless home says another.
var demoPeople = []struct {
	name, role, tier string
	number           int
	tags             []string
	home             string // "building-unit-room"
}{
	{"张伟", "owner", "金卡", 0, []string{"老人独居"}, "3-1-1702"},
	{"王建军", "owner", "", 1, nil, "3-1-0101"}, {"李秀兰", "owner", "银卡", 2, nil, "3-1-0102"},
	{"陈志强", "owner", "", 3, nil, "3-1-0201"}, {"刘晓燕", "owner", "", 4, nil, "3-1-0202"},
	{"杨帆", "owner", "", 5, nil, "3-1-0301"}, {"黄丽华", "owner", "", 6, nil, "3-1-0302"},
	{"周国平", "owner", "银卡", 7, nil, "3-1-0401"}, {"吴雪梅", "owner", "", 8, nil, "3-1-0402"},
	{"徐浩然", "owner", "", 9, nil, "3-1-0501"}, {"孙玉珍", "owner", "", 10, []string{"行动不便"}, "3-1-0502"},
	{"马文博", "owner", "", 11, nil, "3-1-0601"}, {"朱静怡", "owner", "", 12, nil, "3-1-0602"},
	{"胡海涛", "owner", "", 13, nil, "3-1-0701"}, {"郭美玲", "owner", "", 14, nil, "3-1-0702"},
	{"何俊杰", "owner", "", 15, nil, "3-1-0801"}, {"林婉清", "owner", "金卡", 16, nil, "3-1-0802"},
	{"罗永福", "owner", "", 17, nil, "3-1-0901"}, {"郑淑芬", "owner", "", 18, nil, "3-1-0902"},
	{"梁宇航", "owner", "", 19, nil, "3-1-1001"}, {"谢雨桐", "owner", "", 20, nil, "3-1-1002"},
	{"宋立新", "owner", "", 21, nil, "3-1-1101"}, {"唐佳怡", "owner", "", 22, nil, "3-1-1102"},
	{"韩志远", "owner", "", 23, nil, "3-1-1201"}, {"冯桂英", "owner", "", 24, nil, "3-1-1202"},
	{"董明哲", "owner", "", 25, nil, "2-1-0301"}, {"程思远", "owner", "", 26, nil, "2-1-0302"},
	{"李娜", "family", "", 27, nil, "3-1-1702"}, // 张伟's wife
	{"赵磊", "tenant", "", 28, nil, "2-1-0302"},
	{"曹德胜", "owner", "", 29, nil, "2-1-0401"}, {"曹雨欣", "owner", "", 29, nil, "2-1-0402"}, // father and daughter, one number
}

// SeedDemo makes a small estate with its owners, and users who all have the
// given password. A second run changes nothing and is quick; it does not
// change passwords either.
func (s *Store) SeedDemo(ctx context.Context, password string, now time.Time) (DemoSummary, error) {
	var summary DemoSummary
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		// Two runs at once: the second waits here and then finds everything made.
		if _, err := tx.Exec(ctx, sqlDemoLock); err != nil {
			return err
		}
		var made bool
		if err := tx.QueryRow(ctx, sqlDemoMade).Scan(&made); err != nil || made {
			return err
		}
		summary.Made = true
		if err := demoAccounts(ctx, tx, password); err != nil {
			return err
		}
		return demoEstate(ctx, tx)
	})
	if err != nil {
		return DemoSummary{}, fmt.Errorf("make the demo estate: %w", err)
	}
	var agent, customer, property string
	if err := s.pool.QueryRow(ctx, sqlDemoFirst).Scan(&agent, &customer, &property); err != nil {
		return DemoSummary{}, fmt.Errorf("find the first demo customer: %w", err)
	}
	if err := s.demoCall(ctx, agent, customer, now); err != nil {
		return DemoSummary{}, fmt.Errorf("write the demo call: %w", err)
	}
	if err := s.demoTicket(ctx, agent, customer, property, now); err != nil {
		return DemoSummary{}, fmt.Errorf("write the demo ticket: %w", err)
	}
	if err := s.pool.QueryRow(ctx, sqlDemoCounts).Scan(&summary.Homes, &summary.Customers, &summary.Tickets, &summary.Calls); err != nil {
		return DemoSummary{}, fmt.Errorf("count the demo data: %w", err)
	}
	summary.Users = demoUsers
	return summary, nil
}

const (
	sqlDemoLock   = `select pg_advisory_xact_lock(hashtext('hotline demo'))`
	sqlDemoMade   = `select exists (select from user_account where username = '1001')`
	sqlDemoCounts = `select (select count(*) from property), (select count(*) from customer), (select count(*) from ticket), (select count(*) from call)`
	sqlDemoFirst  = `
select u.id, cp.customer_id, p.id
from user_account u, property p join customer_property cp on cp.property_id = p.id
where u.username = '1001' and p.building = '3' and p.room = '1702' and cp.role = 'owner'`
)

func demoAccounts(ctx context.Context, tx pgx.Tx, password string) error {
	batch := &pgx.Batch{}
	for _, u := range demoUsers {
		hash, err := argon2id.CreateHash(password, passwordCost)
		if err != nil {
			return fmt.Errorf("hash the password: %w", err)
		}
		var secret *string
		if u.Extension != "" {
			random := rand.Text()
			secret = &random
		}
		batch.Queue(sqlInsertUser, u.Username, u.Name, hash, u.Roles, none(u.Extension), secret)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("users: %w", err)
	}
	return nil
}

const sqlInsertUser = `
with made as (
    insert into user_account (username, name, password_hash, roles, extension, sip_secret) values ($1, $2, $3, $4, $5, $6) returning id
)
insert into user_queue (user_id, queue_id) select made.id, queue.id from made, queue where $5::text is not null`

func demoEstate(ctx context.Context, tx pgx.Tx) error {
	batch := &pgx.Batch{}
	batch.Queue(sqlInsertProject, "云和府")
	contract := 0
	home := func(building, room string) {
		contract++
		area := 89.6 // rooms 01; rooms 02 are the larger ones
		if room[len(room)-1] == '2' {
			area = 127.3
		}
		batch.Queue(sqlInsertProperty, "云和府", building, "1", room, area, "2025-11-28", "2025-12-20", fmt.Sprintf("YHF-2023-%04d", contract))
	}
	for floor := 1; floor <= 18; floor++ {
		home("3", fmt.Sprintf("%02d01", floor))
		home("3", fmt.Sprintf("%02d02", floor))
	}
	for floor := 1; floor <= 4; floor++ {
		home("2", fmt.Sprintf("%02d01", floor))
		home("2", fmt.Sprintf("%02d02", floor))
	}
	for _, p := range demoPeople {
		number := fmt.Sprintf("138001380%02d", p.number)
		tags := p.tags
		if tags == nil {
			tags = []string{}
		}
		batch.Queue(sqlInsertCustomer, p.name, none(p.tier), tags, crm.ParseNumber(number, "").Key, number, p.home, p.role)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("homes and customers: %w", err)
	}
	return nil
}

const sqlInsertProject = `insert into project (name) values ($1)`

const sqlInsertProperty = `
insert into property (project_id, building, unit, room, area, completed_on, delivered_on, contract_no)
select id, $2, $3, $4, $5, $6::text::date, $7::text::date, $8 from project where name = $1`

const sqlInsertCustomer = `
with made as (
    insert into customer (name, tier, tags) values ($1, $2, $3) returning id
), phone as (
    insert into customer_phone (customer_id, key, raw) select id, $4, $5 from made
)
insert into customer_property (customer_id, property_id, role)
select made.id, p.id, $7 from made, property p where p.building || '-' || p.unit || '-' || p.room = $6`

// demoTicket is overdue, and its promise falls due on the day of the first run.
func (s *Store) demoTicket(ctx context.Context, agent, customer, property string, now time.Time) error {
	var made bool
	if err := s.pool.QueryRow(ctx, sqlDemoTicketMade, agent).Scan(&made); err != nil || made {
		return err
	}
	opened := now.Add(-5 * 24 * time.Hour)
	_, err := s.CreateTicket(ctx, agent, demoKey, crm.NewTicket{
		CallID: demoCallID, CustomerID: customer, PropertyID: property, Category: demoCategory, Severity: crm.Serious,
		Description: "主卧外墙侧下雨后渗水，墙面起皮约半平方米，业主希望尽快上门查看。",
		Promise:     &crm.Promise{DueOn: now.In(crm.Zone).Format(time.DateOnly), Text: "今日内安排维修师傅上门查看"},
	}, opened)
	return err
}

const (
	demoKey           = "demo"
	demoCategory      = "BX.SN.FS.01"
	sqlDemoTicketMade = `select exists (select from idempotency_key where user_id = $1 and operation = 'ticket.create' and key = 'demo')`
)

const (
	// demoCallID is fixed, so that a run that was cut off is continued.
	demoCallID = "00000000-0000-4000-8000-000000000001"
	// demoSlot is no slot that a controller owns: to take one of those would
	// push out the controller that has it.
	demoSlot = 1000
)

// demoCall writes an earlier call of the first customer into the log, event by
// event, as a controller would: answered, and rated with 4.
func (s *Store) demoCall(ctx context.Context, agent, customer string, now time.Time) error {
	var written int64
	var arrived *time.Time
	if err := s.pool.QueryRow(ctx, sqlDemoCallSeq, demoCallID).Scan(&written, &arrived); err != nil {
		return err
	}
	at := now.Add(-5*24*time.Hour - 10*time.Minute)
	if arrived != nil {
		at = *arrived
	}
	why, err := json.Marshal(map[string]any{"rule": "longest_idle", "position": 1, "eligible": []string{agent}})
	if err != nil {
		return err
	}
	play := func(n int) call.Event { return call.PromptEnded{Playback: fmt.Sprintf("%s-p%d", demoCallID, n)} }
	script := []struct {
		after time.Duration
		event call.Event
	}{
		{0, call.Arrived{ID: demoCallID, Channel: "demo", Caller: "13800138000", Called: "057188880000", Plan: call.Hotline("zh", "zh")}},
		{time.Second, call.CallerIdentified{Customer: customer, Matches: 1}},
		{7 * time.Second, play(1)},
		{3 * time.Second, call.Digit{Key: "3"}},
		{3 * time.Second, play(3)},
		{time.Second, call.AgentReserved{Agent: agent, Endpoint: "PJSIP/1001", Attempt: 1, Why: why}},
		{200 * time.Millisecond, call.PopShown{Attempt: 1}},
		{300 * time.Millisecond, call.AgentRinging{Attempt: 1}},
		{4 * time.Second, call.AgentAnswered{Attempt: 1}},
		{186 * time.Second, call.HangUpAsked{Agent: agent}},
		{5 * time.Second, call.Digit{Key: "4"}},
		{4 * time.Second, play(5)},
		{time.Second, call.CallerGone{}},
	}
	if written == int64(len(script)) {
		return nil
	}
	epoch, err := s.TakeSlot(ctx, demoSlot, "demo")
	if err != nil {
		return err
	}
	var state call.State
	for i, line := range script {
		at = at.Add(line.after)
		state, _ = call.Step(state, line.event, at)
		seq := int64(i + 1)
		if seq <= written {
			continue
		}
		e := call.Entry{Call: demoCallID, Slot: demoSlot, Epoch: epoch, Seq: seq, At: at, Event: line.event}
		if err := s.Append(ctx, e, state); err != nil {
			return err
		}
	}
	return nil
}

const sqlDemoCallSeq = `select coalesce(max(seq), 0), min(arrived_at) from call where id = $1`
