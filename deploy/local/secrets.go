package local

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// Secrets are the passwords of one stack, random and made once; they are kept in secrets.json with mode 0600.
type Secrets struct {
	PostgresAdmin string `json:"postgres_admin"` // superuser of the private Postgres
	Postgres      string `json:"postgres"`       // role hotline
	Redis         string `json:"redis"`
	ARI           string `json:"ari"`
	Customer      string `json:"customer"` // SIP account of the soft phone that dials in
	Demo          string `json:"demo"`     // logins of the demo data
}

// loadSecrets reads the file at path, adding and saving what is missing in it.
func loadSecrets(path string) (Secrets, error) {
	var s Secrets
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return s, fmt.Errorf("read secrets: %w", err)
	default:
		if err := json.Unmarshal(b, &s); err != nil {
			return s, fmt.Errorf("%s is damaged (remove the folder's data to begin again): %w", path, err)
		}
	}
	made := false
	for _, v := range []*string{&s.PostgresAdmin, &s.Postgres, &s.Redis, &s.ARI, &s.Customer} {
		if *v == "" {
			*v, made = rand.Text(), true
		}
	}
	if s.Demo == "" {
		s.Demo, made = "demo-"+rand.Text()[:8], true // typed by a person
	}
	if !made {
		return s, nil
	}
	b, err = json.MarshalIndent(s, "", "  ")
	if err != nil {
		return s, fmt.Errorf("encode secrets: %w", err)
	}
	if err := os.WriteFile(path+".new", append(b, '\n'), 0o600); err != nil {
		return s, fmt.Errorf("write secrets: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return s, fmt.Errorf("write secrets: %w", err)
	}
	return s, nil
}
