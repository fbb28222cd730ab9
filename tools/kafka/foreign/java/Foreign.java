import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;

/**
 * Kafka's own Java clients, spoken to in lines of JSON. A request is {"id", "do", "with"}; its answer
 * {"id", "result"} or {"id", "error", "code"}. What happens by itself is {"event", …}. Requests run
 * beside each other. The end of the input ends the program.
 *
 * <p>Argument: settings of all clients, as JSON.
 */
class Foreign {
    /** What carries out a request. */
    interface Command {
        Object run(JsonNode with) throws Exception;
    }

    static final ObjectMapper JSON = new ObjectMapper();
    private static final PrintStream OUT = System.out;

    private final Map<String, Command> commands = new HashMap<>();

    public static void main(String[] args) throws Exception {
        Map<String, Object> settings = new HashMap<>();
        JSON.readTree(args[0]).properties().forEach(e -> settings.put(e.getKey(), e.getValue().asText()));
        Foreign foreign = new Foreign();
        new Administration(settings).addTo(foreign.commands);
        new Production(settings).addTo(foreign.commands);
        new Serving(settings).addTo(foreign.commands);
        new Reading(settings).addTo(foreign.commands);
        foreign.serve();
    }

    /** Says what has happened. */
    static void say(String event, Map<String, ?> facts) {
        ObjectNode line = JSON.valueToTree(facts);
        print(line.put("event", event));
    }

    private void serve() throws Exception {
        ExecutorService executor = Executors.newCachedThreadPool();
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = input.readLine()) != null; ) {
            JsonNode request = JSON.readTree(line);
            executor.execute(() -> answer(request));
        }
        // Without goodbyes: clients that must leave in order were stopped by requests.
        Runtime.getRuntime().halt(0);
    }

    private void answer(JsonNode request) {
        ObjectNode answer = JSON.createObjectNode().put("id", request.get("id").asInt());
        try {
            Command command = commands.get(request.get("do").asText());
            if (command == null) throw new IllegalArgumentException("no such command: " + request);
            answer.set("result", JSON.valueToTree(command.run(request.path("with"))));
        } catch (Exception thrown) {
            Throwable error = thrown instanceof ExecutionException ? thrown.getCause() : thrown;
            answer.put("error", error.toString());
            if (error instanceof ApiException) answer.put("code", Errors.forException(error).code());
        }
        print(answer);
    }

    private static void print(ObjectNode line) {
        synchronized (OUT) {
            OUT.writeBytes((line + "\n").getBytes(StandardCharsets.UTF_8));
            OUT.flush();
        }
    }
}
