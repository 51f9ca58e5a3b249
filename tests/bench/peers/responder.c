/* A canned responder on libfcgi: one reply to whatever is asked, REPLY, given by the compiler's
   -D. On descriptor 0, as mod_fcgid starts it, or on a unix socket: responder PATH. */

#include <fcgiapp.h>

int main(int argc, char **argv) {
    FCGX_Request request;
    int socket = argc > 1 ? FCGX_OpenSocket(argv[1], 1024) : 0;

    if (FCGX_Init() != 0 || socket < 0 || FCGX_InitRequest(&request, socket, 0) != 0)
        return 1;
    while (FCGX_Accept_r(&request) == 0) {
        FCGX_PutStr(REPLY, sizeof REPLY - 1, request.out);
        FCGX_Finish_r(&request);
    }
    return 0;
}
