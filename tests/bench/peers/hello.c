/* The least on libfcgi, a FastCGI responder on descriptor 0: one reply to whatever is asked. */

#include <fcgi_stdio.h>

int main(void) {
    while (FCGI_Accept() >= 0)
        printf("Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nHello you!\n");
    return 0;
}
