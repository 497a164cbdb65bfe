package pg

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"hotline/crm"
)

// Note is the call's note; the zero Note when nothing was written yet.
func (s *Store) Note(ctx context.Context, callID string) (crm.Note, error) {
	if !isUUID(callID) {
		return crm.Note{}, nil
	}
	var n crm.Note
	err := s.pool.QueryRow(ctx, sqlNote, callID).Scan(&n.Text, &n.Revision, &n.SavedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return crm.Note{}, nil
	}
	if err != nil {
		return crm.Note{}, fmt.Errorf("read the note: %w", err)
	}
	return n, nil
}

const sqlNote = `select text, revision, saved_at from call_note where call_id = $1`

// SaveNote replaces the note that has the given revision (0 when there is none
// yet). crm.ErrStale tells that it was changed meanwhile. Saving the same text
// on the same revision again is no change: the answer to the first was lost.
func (s *Store) SaveNote(ctx context.Context, userID, callID, text string, revision int) (crm.Note, error) {
	if !isUUID(callID) {
		return crm.Note{}, fmt.Errorf("call: %w", crm.ErrNotFound)
	}
	n := crm.Note{Text: text}
	err := s.pool.QueryRow(ctx, sqlSaveNote, callID, text, revision, userID).Scan(&n.Revision, &n.SavedAt)
	if err == nil {
		return n, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return crm.Note{}, fmt.Errorf("save the note: %w", err)
	}
	var exists bool
	if err := s.pool.QueryRow(ctx, sqlCallExists, callID).Scan(&exists); err != nil {
		return crm.Note{}, fmt.Errorf("save the note: %w", err)
	}
	if !exists {
		return crm.Note{}, fmt.Errorf("call: %w", crm.ErrNotFound)
	}
	now, err := s.Note(ctx, callID)
	if err != nil {
		return crm.Note{}, err
	}
	if now.Revision == revision+1 && now.Text == text {
		return now, nil
	}
	return crm.Note{}, crm.ErrStale
}

const sqlSaveNote = `
insert into call_note (call_id, text, revision, saved_at, saved_by)
select c.id, $2, 1, now(), $4
from call c
where c.id = $1 and ($3::integer = 0 or exists (select from call_note where call_id = $1))
on conflict (call_id) do update
    set text = excluded.text, revision = call_note.revision + 1, saved_at = excluded.saved_at, saved_by = excluded.saved_by
    where call_note.revision = $3
returning revision, saved_at`

const sqlCallExists = `select exists (select from call where id = $1)`
