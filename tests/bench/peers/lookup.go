// A product by its id, on Go's net/http/fcgi and database/sql: a FastCGI responder on descriptor 0.
package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/fcgi"
	"os"
	"strconv"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

type product struct {
	Name  string      `json:"name"`
	Price json.Number `json:"price"`
}

type lookup struct {
	statement *sql.Stmt
	log       *os.File
}

func (l lookup) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == "POST" {
		body, err := io.ReadAll(r.Body)
		must(err)
		now := time.Now().Format("2006-01-02 15:04:05")
		lines := bytes.Count(body, []byte("\n")) + 1
		fmt.Fprintf(l.log, "%s content_len: %d\n%s no of lines: %d\n", now, len(body), now, lines)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	status, found := http.StatusOK, product{"", "0"}
	err := l.statement.QueryRow(r.FormValue("id")).Scan(&found.Name, &found.Price)
	if err == sql.ErrNoRows {
		status = http.StatusNotFound
	} else {
		must(err)
	}
	answer, err := json.Marshal(found)
	must(err)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	w.WriteHeader(status)
	w.Write(answer)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	db, err := sql.Open("sqlite3", "file:"+os.Getenv("PRODUCTS_DB")+"?mode=ro")
	must(err)
	// Of its own it keeps two connections.
	db.SetMaxIdleConns(64)
	statement, err := db.Prepare("SELECT name, price FROM product WHERE id = ?")
	must(err)
	log, err := os.OpenFile(os.Getenv("DEBUG_LOG"), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o640)
	must(err)
	panic(fcgi.Serve(nil, lookup{statement, log}))
}
