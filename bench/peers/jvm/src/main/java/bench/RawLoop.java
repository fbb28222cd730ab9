package bench;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Two hops over Kafka's own Java client: one side sends a record, the other sends it back. */
final class RawLoop {
  private static final byte[] VALUE = "{\"a\":1,\"b\":2}".getBytes(StandardCharsets.UTF_8);

  public static void main(String[] args) throws Exception {
    Lane.Setting setting = Lane.Setting.of(args);
    KafkaProducer<String, byte[]> replies = producer(setting);
    KafkaProducer<String, byte[]> requests = producer(setting);
    Map<String, CompletableFuture<Void>> pending = new ConcurrentHashMap<>();
    read(setting, setting.topic(), setting.topic() + "-servers", record ->
        replies.send(new ProducerRecord<>(setting.results(), record.key(), record.value())));
    read(setting, setting.results(), setting.results() + "-client", record -> {
      CompletableFuture<Void> call = pending.remove(record.key());
      if (call != null) call.complete(null);
    });
    Lane.run(() -> {
      String id = UUID.randomUUID().toString();
      CompletableFuture<Void> call = new CompletableFuture<>();
      pending.put(id, call);
      requests.send(new ProducerRecord<>(setting.topic(), id, VALUE));
      return call;
    });
  }

  private static KafkaProducer<String, byte[]> producer(Lane.Setting setting) {
    return new KafkaProducer<>(
        setting.producer(), new StringSerializer(), new ByteArraySerializer());
  }

  private static void read(
      Lane.Setting setting,
      String topic,
      String group,
      Consumer<ConsumerRecord<String, byte[]>> take) {
    Thread thread = new Thread(() -> {
      try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
          setting.consumer(group), new StringDeserializer(), new ByteArrayDeserializer())) {
        consumer.subscribe(List.of(topic));
        while (true) consumer.poll(Duration.ofSeconds(1)).forEach(take);
      }
    });
    thread.setDaemon(true);
    thread.start();
  }

  private RawLoop() {}
}
