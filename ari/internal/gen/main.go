// Command gen writes the operations, objects and events of package ari from
// Asterisk's description of its API and from the tables in this folder, which
// give them our names, comments and Go types.
//
// It works from description.json, a digest of the description: names, types,
// parameters and statuses. When there is an Asterisk on this machine the
// digest is taken from it anew; it stays as it is when there is none, or one
// that is too old for the tables.
//
// The folder to write to is its only argument; go generate ./ari runs it.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

const digestPath = "internal/gen/description.json"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gen FOLDER-OF-PACKAGE-ARI")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(folder string) error {
	digest := filepath.Join(folder, digestPath)
	d, err := current(digest)
	if err != nil {
		return err
	}
	files, err := generate(d)
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// current returns the description to work from, and writes it to the digest.
func current(digest string) (*description, error) {
	here, err := ofMachine()
	if errors.Is(err, errNoAsterisk) || err == nil && !here.ours && check(here.description) != nil {
		return committed(digest)
	}
	if err != nil {
		return nil, err
	}
	text, err := here.encode()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(digest, text, 0o644); err != nil {
		return nil, fmt.Errorf("write the digest: %w", err)
	}
	return here.description, nil
}
