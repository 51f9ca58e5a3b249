// The least on Go's net/http/fcgi, on descriptor 0: one reply to whatever is asked.
package main

import (
	"io"
	"net/http"
	"net/http/fcgi"
)

func main() {
	panic(fcgi.Serve(nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Content-Length", "11")
		io.WriteString(w, "Hello you!\n")
	})))
}
