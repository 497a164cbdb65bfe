package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// mediaTypes are those of the front end's files. The machine's own table is not
// asked: it differs from one to the next.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".json": "application/json", ".webmanifest": "application/manifest+json", ".svg": "image/svg+xml",
	".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2", ".wav": "audio/wav", ".mp3": "audio/mpeg",
	".map": "application/json", ".txt": "text/plain; charset=utf-8", ".wasm": "application/wasm",
}

const notBuilt = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>hotline</title>` +
	`<p>页面尚未构建，请先运行 make build。</p><p lang="en">The page was not built: run make build.</p>`

// asset is one file as it is sent.
type asset struct {
	mediaType string
	tag       string
	plain     []byte
	packed    []byte // gzip; nil when it saves nothing
}

// page serves the front end from memory. Every path without a dot is the page
// itself, which finds its way by the address.
type page struct{ assets map[string]asset }

func newPage(files fs.FS) (*page, error) {
	p := &page{assets: map[string]asset{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(path.Base(name), ".") {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		p.assets["/"+name] = newAsset(name, data)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the front end: %w", err)
	}
	return p, nil
}

func newAsset(name string, data []byte) asset {
	sum := sha256.Sum256(data)
	a := asset{mediaType: mediaTypes[path.Ext(name)], tag: hex.EncodeToString(sum[:8]), plain: data}
	if a.mediaType == "" {
		a.mediaType = "application/octet-stream"
	}
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // the level is valid
	_, _ = w.Write(data)                                       // a buffer takes everything
	_ = w.Close()
	if packed.Len() < len(data)*9/10 {
		a.packed = packed.Bytes()
	}
	return a
}

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := path.Clean(r.URL.Path)
	a, found := p.assets[name]
	if !found && !strings.Contains(name, ".") {
		name = "/index.html"
		if a, found = p.assets[name]; !found {
			w.Header().Set("Content-Type", mediaTypes[".html"])
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(notBuilt))
			return
		}
	}
	if !found {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	// Names below /assets carry a hash of their content.
	if strings.HasPrefix(name, "/assets/") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	w.Header().Set("Content-Type", a.mediaType)
	w.Header().Add("Vary", "Accept-Encoding")
	body, tag := a.plain, a.tag
	if a.packed != nil && acceptsGzip(r.Header.Get("Accept-Encoding")) {
		w.Header().Set("Content-Encoding", "gzip")
		body, tag = a.packed, a.tag+"-gz"
	}
	w.Header().Set("Etag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func acceptsGzip(header string) bool {
	for one := range strings.SplitSeq(header, ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(one), ";")
		if name == "gzip" {
			q := strings.TrimSpace(quality)
			return q != "q=0" && q != "q=0.0"
		}
	}
	return false
}
