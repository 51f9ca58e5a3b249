// net/http: client URL.
package main

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
)

func told(what string, reply *http.Response, err error) string {
	if err != nil {
		panic(err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		panic(err)
	}
	if what == "again" {
		body = []byte(fmt.Sprint(reply.StatusCode))
	}
	fmt.Println("go", what, string(body))
	return reply.Header.Get("ETag")
}

func main() {
	at := os.Args[1]
	form := "application/x-www-form-urlencoded"
	reply, err := http.Get(at + "?id=A001")
	tag := told("get", reply, err)
	reply, err = http.PostForm(at, url.Values{"id": {"A002"}})
	told("form", reply, err)
	var parts bytes.Buffer
	writer := multipart.NewWriter(&parts)
	writer.WriteField("id", "A002")
	writer.Close()
	reply, err = http.Post(at, writer.FormDataContentType(), &parts)
	told("multipart", reply, err)
	reply, err = http.Post(at, "application/json", strings.NewReader(`{"id":"A002","more":[true]}`))
	told("json", reply, err)
	// A reader of which nobody knows the length.
	reply, err = http.Post(at, form, io.MultiReader(strings.NewReader("id="), strings.NewReader("A002")))
	told("streamed", reply, err)
	request, err := http.NewRequest("GET", at+"?id=A001", nil)
	if err != nil {
		panic(err)
	}
	request.Header.Set("If-None-Match", tag)
	reply, err = http.DefaultClient.Do(request)
	told("again", reply, err)
}
