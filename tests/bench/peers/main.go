// A canned responder on Go's net/http/fcgi: one reply to whatever is asked. main PATH
package main

import (
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
)

func answer(w http.ResponseWriter, r *http.Request) {
	body := "{\"name\":\"Product 0000000\",\"price\":12.95}"
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Vary", "Accept")
	header.Set("Cache-Control", "no-cache")
	header.Set("ETag", "\"edf92d4584980398aa281363f14932b8\"")
	header.Set("Content-Length", "40")
	header.Set("X-Content-Type-Options", "nosniff")
	w.Write([]byte(body))
}

func main() {
	listener, err := net.Listen("unix", os.Args[1])
	if err != nil {
		panic(err)
	}
	panic(fcgi.Serve(listener, http.HandlerFunc(answer)))
}
