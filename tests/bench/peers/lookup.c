/* A product by its id, on libfcgi and SQLite: a FastCGI responder on descriptor 0, or a CGI program. */

#define _GNU_SOURCE
#include <ctype.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <fcgi_stdio.h>

static sqlite3_stmt *statement;
static char body[65536], id[256];

static int is_open(void) {
    sqlite3 *db;

    return statement != NULL ||
           (sqlite3_open_v2(getenv("PRODUCTS_DB"), &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
            sqlite3_prepare_v2(db, "SELECT name, price FROM product WHERE id = ?", -1, &statement, NULL) == SQLITE_OK);
}

static void id_of_query(const char *query) {
    const char *from = strncmp(query, "id=", 3) == 0 ? query : strstr(query, "&id=");
    size_t length = 0;

    for (from = from ? strchr(from, '=') + 1 : ""; *from && *from != '&' && length < sizeof id - 1; from++) {
        if (from[0] == '%' && isxdigit((unsigned char)from[1]) && isxdigit((unsigned char)from[2])) {
            char digits[] = {from[1], from[2], 0};
            id[length++] = (char)strtol(digits, NULL, 16);
            from += 2;
        } else {
            id[length++] = *from == '+' ? ' ' : *from;
        }
    }
    id[length] = 0;
}

static void id_of_form(size_t length) {
    static const char field[] = "name=\"id\"\r\n\r\n";
    char *from = memmem(body, length, field, sizeof field - 1), *to;

    id[0] = 0;
    if (from == NULL)
        return;
    from += sizeof field - 1;
    to = memmem(from, body + length - from, "\r\n--", 4);
    if (to != NULL && (size_t)(to - from) < sizeof id) {
        memcpy(id, from, to - from);
        id[to - from] = 0;
    }
}

static void write_log(size_t length) {
    static int log = -1;
    char line[128], now[32];
    size_t lines = 1, at;
    time_t seconds = time(NULL);
    struct tm local;

    if (log < 0)
        log = open(getenv("DEBUG_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    for (at = 0; at < length; at++)
        lines += body[at] == '\n';
    strftime(now, sizeof now, "%Y-%m-%d %H:%M:%S", localtime_r(&seconds, &local));
    at = snprintf(line, sizeof line, "%s content_len: %zu\n%s no of lines: %zu\n", now, length, now, lines);
    if (write(log, line, at) != (ssize_t)at)
        exit(1);
}

static size_t write_json(char *to, const unsigned char *text) {
    size_t length = 0;

    for (; *text && length < 8000; text++)
        if (*text == '"' || *text == '\\' || *text < ' ')
            length += sprintf(to + length, *text < ' ' ? "\\u%04x" : "\\%c", *text);
        else
            to[length++] = (char)*text;
    return length;
}

int main(void) {
    while (FCGI_Accept() >= 0) {
        const char *method = getenv("REQUEST_METHOD"), *query = getenv("QUERY_STRING"), *status = "404 Not Found";
        static char answer[8300];
        size_t length = sprintf(answer, "{\"name\":\"");

        if (!is_open())
            return 1;
        if (method && strcmp(method, "POST") == 0) {
            size_t read = fread(body, 1, sizeof body, stdin);
            write_log(read);
            id_of_form(read);
        } else {
            id_of_query(query ? query : "");
        }
        sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
        if (sqlite3_step(statement) == SQLITE_ROW) {
            status = "200 OK";
            length += write_json(answer + length, sqlite3_column_text(statement, 0));
            length += sprintf(answer + length, "\",\"price\":%.99s}", sqlite3_column_text(statement, 1));
        } else {
            length += sprintf(answer + length, "\",\"price\":0}");
        }
        sqlite3_reset(statement);
        /* libfcgi knows no %zu. */
        printf("Status: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", status, (int)length);
        fwrite(answer, 1, length, stdout);
    }
    return 0;
}
