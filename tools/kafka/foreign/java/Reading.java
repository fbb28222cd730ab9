import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads what others have written, as Java sees it. */
class Reading {
    private final Map<String, Object> settings;

    Reading(Map<String, Object> settings) {
        this.settings = settings;
    }

    void addTo(Map<String, Foreign.Command> commands) {
        commands.put("read", this::read);
    }

    /** The records of a partition from an offset up to the end that it has at the beginning. */
    private Object read(JsonNode with) {
        Map<String, Object> own = new HashMap<>(settings);
        own.put("key.deserializer", ByteArrayDeserializer.class.getName());
        own.put("value.deserializer", ByteArrayDeserializer.class.getName());
        own.put("isolation.level", with.path("isolation").asText("read_uncommitted"));
        List<Map<String, Object>> records = new ArrayList<>();
        var partition = new TopicPartition(with.get("topic").asText(), with.path("partition").asInt());
        try (var consumer = new KafkaConsumer<byte[], byte[]>(own)) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, with.path("from").asLong());
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            // Markers of transactions take an offset too: the position says when all is read.
            while (consumer.position(partition) < end) {
                for (var record : consumer.poll(Duration.ofMillis(500))) records.add(plain(record));
            }
        }
        return records;
    }

    private static Map<String, Object> plain(ConsumerRecord<byte[], byte[]> record) {
        Map<String, Object> plain = new LinkedHashMap<>();
        plain.put("offset", record.offset());
        plain.put("timestamp", record.timestamp());
        plain.put("key", record.key());
        plain.put("value", record.value());
        List<List<Object>> headers = new ArrayList<>();
        record.headers().forEach(header -> {
            List<Object> pair = new ArrayList<>();
            pair.add(header.key());
            pair.add(header.value());
            headers.add(pair);
        });
        plain.put("headers", headers);
        return plain;
    }
}
