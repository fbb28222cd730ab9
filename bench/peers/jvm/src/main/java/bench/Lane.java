package bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * A program of a lane: makes the calls that lines of its standard input ask for (lane.ts has the
 * list), and ends with it.
 */
public final class Lane {
  /** A side that makes calls. */
  interface Caller {
    CompletableFuture<?> call();
  }

  /** What both sides are started with: broker, topic, and `stock` or `tuned`. */
  public record Setting(String brokers, String topic, boolean tuned) {
    static Setting of(String[] args) {
      return new Setting(args[0], args[1], args[2].equals("tuned"));
    }

    public String results() {
      return topic + "_results";
    }

    /** Stock: the defaults, linger.ms 5 and acks all. */
    Map<String, Object> producer() {
      String broker = CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG;
      if (!tuned) return Map.of(broker, brokers);
      return Map.of(
          broker, brokers,
          ProducerConfig.LINGER_MS_CONFIG, 0,
          ProducerConfig.ACKS_CONFIG, "1",
          ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
    }

    Map<String, Object> consumer(String group) {
      return Map.of(
          CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, brokers,
          ConsumerConfig.GROUP_ID_CONFIG, group,
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    }
  }

  private Lane() {}

  static void run(Caller caller) throws IOException, InterruptedException, ExecutionException {
    caller.call().get();
    System.out.println("\"ready\"");
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "closed" -> System.out.println(closed(caller, Integer.parseInt(words[1]), words[2]));
        case "burst" -> System.out.println(burst(caller, Integer.parseInt(words[1])));
        case "open" -> System.out.println(OpenLoop.run(
            caller, Double.parseDouble(words[1]), Integer.parseInt(words[2]),
            Integer.parseInt(words[3])));
        case "heap" -> System.out.println(heap());
        default -> throw new IllegalArgumentException("cannot do \"" + line + "\"");
      }
    }
    System.exit(0);
  }

  private static StringBuilder closed(Caller caller, int count, String inFlight)
      throws InterruptedException, ExecutionException {
    if (!inFlight.equals("1")) throw new IllegalArgumentException("makes one call at a time");
    StringBuilder times = new StringBuilder("[");
    for (int i = 0; i < count; i++) {
      long began = System.nanoTime();
      caller.call().get();
      times.append(i == 0 ? "" : ",").append((System.nanoTime() - began) / 1e6);
    }
    return times.append("]");
  }

  private static double burst(Caller caller, int count)
      throws InterruptedException, ExecutionException {
    CompletableFuture<?>[] calls = new CompletableFuture<?>[count];
    long began = System.nanoTime();
    for (int i = 0; i < count; i++) calls[i] = caller.call();
    CompletableFuture.allOf(calls).get();
    return (System.nanoTime() - began) / 1e6;
  }

  private static long heap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
