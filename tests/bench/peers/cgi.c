/* A canned CGI program: one reply to whatever is asked, REPLY, given by the compiler's -D. */

#include <unistd.h>

int main(void) {
    return write(1, REPLY, sizeof REPLY - 1) == sizeof REPLY - 1 ? 0 : 1;
}
