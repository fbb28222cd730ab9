import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Servers that answer each request with its own value, as docs/protocol.md asks for it. */
class Serving {
    private final Map<String, Object> settings;
    private final Map<String, Server> servers = new ConcurrentHashMap<>();

    Serving(Map<String, Object> settings) {
        this.settings = settings;
    }

    void addTo(Map<String, Foreign.Command> commands) {
        commands.put("startServer", this::start);
        commands.put("stopServer", this::stop);
    }

    private Object start(JsonNode with) {
        Server server = new Server(with);
        servers.put(with.get("name").asText(), server);
        new Thread(server.task).start();
        return true;
    }

    /** Ends a server; the number of its answers. */
    private Object stop(JsonNode with) throws Exception {
        Server server = servers.remove(with.get("name").asText());
        server.consumer.wakeup();
        return server.task.get();
    }

    private class Server {
        final FutureTask<Integer> task = new FutureTask<>(this::run);
        final KafkaConsumer<byte[], byte[]> consumer;
        private final KafkaProducer<byte[], byte[]> producer;
        private final String name;
        private final String topic;
        private final boolean inGroup;
        private final boolean commits;

        Server(JsonNode with) {
            name = with.get("name").asText();
            topic = with.get("topic").asText();
            Map<String, Object> own = new HashMap<>(settings);
            own.put("key.serializer", ByteArraySerializer.class.getName());
            own.put("value.serializer", ByteArraySerializer.class.getName());
            producer = new KafkaProducer<>(own);
            own.put("key.deserializer", ByteArrayDeserializer.class.getName());
            own.put("value.deserializer", ByteArrayDeserializer.class.getName());
            own.put("auto.offset.reset", "earliest");
            own.put("enable.auto.commit", "false");
            String protocol = with.get("protocol").asText();
            inGroup = !protocol.equals("assign");
            commits = inGroup || with.path("commits").asBoolean(false);
            if (commits) own.put("group.id", with.path("group").asText(topic + "-servers"));
            if (inGroup) own.put("group.protocol", protocol);
            if (with.has("assignor")) {
                own.put("partition.assignment.strategy", switch (with.get("assignor").asText()) {
                    case "range" -> RangeAssignor.class.getName();
                    case "roundrobin" -> RoundRobinAssignor.class.getName();
                    default -> CooperativeStickyAssignor.class.getName();
                });
            }
            consumer = new KafkaConsumer<>(own);
        }

        private Integer run() {
            int answered = 0;
            try (consumer; producer) {
                join();
                while (true) {
                    for (var request : consumer.poll(Duration.ofMillis(200))) {
                        producer.send(replyTo(request)).get();
                        answered++;
                    }
                    if (commits) consumer.commitAsync();
                }
            } catch (WakeupException asked) {
                return answered;
            } catch (Exception error) {
                Foreign.say("serverFailed", Map.of("name", name, "error", error.toString()));
                return answered;
            }
        }

        private void join() {
            if (!inGroup) {
                List<TopicPartition> all = consumer.partitionsFor(topic).stream()
                        .map(info -> new TopicPartition(topic, info.partition())).toList();
                consumer.assign(all);
                consumer.seekToEnd(all);
                all.forEach(consumer::position);
                sayAssigned();
                return;
            }
            consumer.subscribe(List.of(topic), new ConsumerRebalanceListener() {
                @Override
                public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}

                @Override
                public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                    sayAssigned();
                }
            });
        }

        private void sayAssigned() {
            List<Integer> partitions = consumer.assignment().stream()
                    .map(TopicPartition::partition).sorted().toList();
            Foreign.say("assigned", Map.of("name", name, "partitions", partitions));
        }

        private ProducerRecord<byte[], byte[]> replyTo(ConsumerRecord<byte[], byte[]> request) {
            String to = header(request, "rpc-reply-topic");
            String partition = header(request, "rpc-reply-partition");
            var reply = new ProducerRecord<>(to == null ? topic + "_results" : to,
                    partition == null ? null : Integer.valueOf(partition),
                    request.key(), request.value());
            reply.headers().add("rpc-version", "1".getBytes());
            reply.headers().add("rpc-status", "ok".getBytes());
            reply.headers().add("rpc-server", name.getBytes());
            return reply;
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value());
    }
}
