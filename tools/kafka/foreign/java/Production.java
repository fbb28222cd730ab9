import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Records in every codec, by themselves or in transactions. */
class Production {
    private final Map<String, Object> settings;
    private final Map<String, KafkaProducer<byte[], byte[]>> transactions = new ConcurrentHashMap<>();

    Production(Map<String, Object> settings) {
        this.settings = settings;
    }

    void addTo(Map<String, Foreign.Command> commands) {
        commands.put("send", this::send);
        commands.put("beginTransaction", this::begin);
        commands.put("commitTransaction", this::commit);
        commands.put("abortTransaction", this::abort);
        commands.put("leaveTransaction", this::leave);
    }

    private KafkaProducer<byte[], byte[]> producer(JsonNode with) {
        Map<String, Object> own = new HashMap<>(settings);
        own.put("key.serializer", ByteArraySerializer.class.getName());
        own.put("value.serializer", ByteArraySerializer.class.getName());
        own.put("compression.type", with.path("codec").asText("none"));
        // What is sent together shall be one batch, however much it is before it is compressed.
        own.put("linger.ms", "10000");
        own.put("delivery.timeout.ms", "60000");
        own.put("batch.size", "33554432");
        own.put("buffer.memory", "134217728");
        own.put("max.request.size", "67108864");
        if (with.has("transaction")) {
            own.put("transactional.id", with.get("transaction").asText());
            own.put("transaction.timeout.ms", with.path("timeoutMs").asText("60000"));
        }
        return new KafkaProducer<>(own);
    }

    private Object send(JsonNode with) throws Exception {
        if (!with.has("transaction")) {
            try (var producer = producer(with)) {
                return send(producer, with);
            }
        }
        return send(open(with), with);
    }

    private static Object send(KafkaProducer<byte[], byte[]> producer, JsonNode with)
            throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (JsonNode record : with.get("records")) {
            for (int count = record.path("count").asInt(1); count > 0; count--) {
                sent.add(producer.send(record(with, record)));
            }
        }
        producer.flush();
        List<Long> offsets = new ArrayList<>();
        for (Future<RecordMetadata> future : sent) offsets.add(future.get().offset());
        return Map.of("first", offsets.get(0), "last", offsets.get(offsets.size() - 1));
    }

    private static ProducerRecord<byte[], byte[]> record(JsonNode with, JsonNode record)
            throws Exception {
        Integer partition = with.has("partition") ? with.get("partition").asInt() : null;
        Long timestamp = record.has("timestamp") ? record.get("timestamp").asLong() : null;
        byte[] key = bytes(record.path("key"));
        byte[] value = bytes(record.path("value"));
        var made = new ProducerRecord<>(with.get("topic").asText(), partition, timestamp, key, value);
        for (JsonNode header : record.path("headers")) {
            made.headers().add(header.get(0).asText(), bytes(header.get(1)));
        }
        return made;
    }

    private static byte[] bytes(JsonNode node) throws Exception {
        return node.isMissingNode() || node.isNull() ? null : node.binaryValue();
    }

    private Object begin(JsonNode with) {
        var producer = transactions.computeIfAbsent(with.get("transaction").asText(), name -> {
            var made = producer(with);
            made.initTransactions();
            return made;
        });
        producer.beginTransaction();
        return true;
    }

    private Object commit(JsonNode with) {
        open(with).commitTransaction();
        return true;
    }

    private Object abort(JsonNode with) {
        open(with).abortTransaction();
        return true;
    }

    /** The producer is gone, and its transaction stays open until the broker ends it. */
    private Object leave(JsonNode with) {
        var producer = open(with);
        transactions.remove(with.get("transaction").asText());
        producer.close(java.time.Duration.ZERO);
        return true;
    }

    private KafkaProducer<byte[], byte[]> open(JsonNode with) {
        String name = with.get("transaction").asText();
        var producer = transactions.get(name);
        if (producer == null) throw new IllegalStateException("no transaction " + name);
        return producer;
    }
}
