package web

import (
	"embed"
	"io/fs"
)

// dist is the front end as `make build` leaves it; a folder with nothing but a
// .gitkeep when it was not built.
//
//go:embed all:app/dist
var dist embed.FS

// Dist is the embedded front end.
func Dist() fs.FS {
	sub, err := fs.Sub(dist, "app/dist")
	if err != nil {
		panic(err) // the path is a constant and valid
	}
	return sub
}
