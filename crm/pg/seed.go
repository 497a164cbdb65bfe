package pg

import (
	"bytes"
	"context"
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
)

// seed holds the reference data of the binary: the category tree and the public
// holidays with their make-up workdays.
//
//go:embed seed/*.csv
var seed embed.FS

// severityWords are the words of the category table.
var severityWords = map[string]int{"一般": 1, "较大": 2, "重大": 3, "紧急": 4}

var categoryColumns = []string{
	"code", "type", "level1", "level2", "level3", "default_severity", "default_department", "emergency", "typical_responsible",
	"warranty_key", "en",
}

// SeedReference brings queues and categories to what this version knows; a
// second run changes nothing. categories is a whole category tree as CSV (nil
// takes the binary's own): leaves that are missing there are retired, never
// deleted, since tickets name them.
func (s *Store) SeedReference(ctx context.Context, categories io.Reader) error {
	if categories == nil {
		own, err := seed.ReadFile("seed/categories.csv")
		if err != nil {
			return fmt.Errorf("read the binary's categories: %w", err)
		}
		categories = bytes.NewReader(own)
	}
	columns, err := readCategories(categories)
	if err != nil {
		return fmt.Errorf("read categories: %w", err)
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlSeedQueues); err != nil {
			return fmt.Errorf("queues: %w", err)
		}
		if _, err := tx.Exec(ctx, sqlSeedCategories, columns...); err != nil {
			return fmt.Errorf("categories: %w", err)
		}
		if _, err := tx.Exec(ctx, sqlRetireCategories, columns[0]); err != nil {
			return fmt.Errorf("retired categories: %w", err)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("seed reference data: %w", err)
	}
	return nil
}

const sqlSeedQueues = `
insert into queue (id, name_zh, name_en, target_seconds, position) values
    ('emergency', '紧急', 'Emergency', 20, 1),
    ('consult', '咨询', 'Consultation', 20, 2),
    ('complaint', '投诉', 'Complaint', 20, 3),
    ('repair', '报修', 'Repair', 20, 4)
on conflict (id) do nothing`

const sqlSeedCategories = `
insert into category (code, type, level1, level2, level3, default_severity, default_department, emergency, typical_responsible,
                      warranty_key, en, position)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::text[], $8::boolean[], $9::text[],
                     $10::text[], $11::text[]) with ordinality
on conflict (code) do update set
    type = excluded.type, level1 = excluded.level1, level2 = excluded.level2, level3 = excluded.level3,
    default_severity = excluded.default_severity, default_department = excluded.default_department, emergency = excluded.emergency,
    typical_responsible = excluded.typical_responsible, warranty_key = excluded.warranty_key, en = excluded.en,
    position = excluded.position, retired_at = null
where (category.type, category.level1, category.level2, category.level3, category.default_severity, category.default_department,
       category.emergency, category.typical_responsible, category.warranty_key, category.en, category.position, category.retired_at)
      is distinct from
      (excluded.type, excluded.level1, excluded.level2, excluded.level3, excluded.default_severity, excluded.default_department,
       excluded.emergency, excluded.typical_responsible, excluded.warranty_key, excluded.en, excluded.position, null)`

const sqlRetireCategories = `
update category set retired_at = now() where retired_at is null and not (code = any($1::text[]))`

// readCategories reads the table into one slice per column, as unnest wants them.
func readCategories(r io.Reader) ([]any, error) {
	lines := csv.NewReader(r)
	head, err := lines.Read()
	if err != nil {
		return nil, fmt.Errorf("head line: %w", err)
	}
	if fmt.Sprint(head) != fmt.Sprint(categoryColumns) {
		return nil, fmt.Errorf("the columns are %v, they should be %v", head, categoryColumns)
	}
	text := make([][]string, len(categoryColumns))
	var severities []int
	var emergencies []bool
	for n := 2; ; n++ {
		line, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		severity, known := severityWords[line[5]]
		if !known {
			return nil, fmt.Errorf("line %d: the severity %q is not known", n, line[5])
		}
		if line[7] != "0" && line[7] != "1" {
			return nil, fmt.Errorf("line %d: emergency is %q, it should be 0 or 1", n, line[7])
		}
		for i, v := range line {
			text[i] = append(text[i], v)
		}
		severities, emergencies = append(severities, severity), append(emergencies, line[7] == "1")
	}
	if len(severities) == 0 {
		return nil, errors.New("there is no category")
	}
	columns := make([]any, len(categoryColumns))
	for i := range text {
		columns[i] = text[i]
	}
	columns[5], columns[7] = severities, emergencies
	return columns, nil
}
