import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;

/** java.net.http, which asks for HTTP/2 by Upgrade: Client URL. */
class Client {
    static final HttpClient CLIENT = HttpClient.newHttpClient();

    static HttpResponse<String> ask(String what, HttpRequest.Builder request) throws Exception {
        var reply = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        System.out.println("java " + what + " " + (what.equals("again") ? "" + reply.statusCode() : reply.body()));
        return reply;
    }

    static HttpRequest.Builder to(String url, String... headers) {
        var request = HttpRequest.newBuilder(URI.create(url));
        return headers.length > 0 ? request.headers(headers) : request;
    }

    public static void main(String[] arguments) throws Exception {
        var url = arguments[0];
        String[] form = {"Content-Type", "application/x-www-form-urlencoded"};
        var first = ask("get", to(url + "?id=A001"));
        ask("form", to(url, form).POST(BodyPublishers.ofString("id=A002")));
        var json = BodyPublishers.ofString("{\"id\":\"A002\",\"more\":[true]}");
        ask("json", to(url, "Content-Type", "application/json").POST(json));
        var stream = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream("id=A002".getBytes()));
        ask("streamed", to(url, form).POST(stream));
        ask("again", to(url + "?id=A001", "If-None-Match", first.headers().firstValue("ETag").get()));
    }
}
