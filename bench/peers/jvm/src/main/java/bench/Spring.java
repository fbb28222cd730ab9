package bench;

import java.time.Duration;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.EnableKafka;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.requestreply.ReplyingKafkaTemplate;
import org.springframework.messaging.handler.annotation.SendTo;

/** Spring's ReplyingKafkaTemplate, and a listener with @SendTo, as its reference has them. */
@Configuration(proxyBeanMethods = false)
@EnableKafka
public class Spring {
  public static Lane.Setting setting;

  @Bean
  DefaultKafkaProducerFactory<String, String> producers() {
    return new DefaultKafkaProducerFactory<>(
        setting.producer(), new StringSerializer(), new StringSerializer());
  }

  private static ConcurrentKafkaListenerContainerFactory<String, String> containers(String group) {
    var factory = new ConcurrentKafkaListenerContainerFactory<String, String>();
    factory.setConsumerFactory(new DefaultKafkaConsumerFactory<>(
        setting.consumer(group), new StringDeserializer(), new StringDeserializer()));
    return factory;
  }

  @Bean
  ConcurrentKafkaListenerContainerFactory<String, String> kafkaListenerContainerFactory(
      DefaultKafkaProducerFactory<String, String> producers) {
    var factory = containers(setting.topic() + "-servers");
    factory.setReplyTemplate(new KafkaTemplate<>(producers));
    return factory;
  }

  @Bean
  ConcurrentMessageListenerContainer<String, String> repliesContainer() {
    var container = containers("unused").createContainer(setting.results());
    container.getContainerProperties().setGroupId(setting.results() + "-client");
    container.setAutoStartup(false);
    return container;
  }

  @Bean
  ReplyingKafkaTemplate<String, String, String> template(
      DefaultKafkaProducerFactory<String, String> producers,
      ConcurrentMessageListenerContainer<String, String> repliesContainer) {
    var template = new ReplyingKafkaTemplate<>(producers, repliesContainer);
    template.setDefaultReplyTimeout(Duration.ofSeconds(60));
    return template;
  }

  @KafkaListener(id = "servers", topics = "#{T(bench.Spring).setting.topic()}", idIsGroup = false)
  @SendTo
  String add(String value) {
    return value;
  }

  public static void main(String[] args) throws Exception {
    setting = Lane.Setting.of(args);
    try (var context = new AnnotationConfigApplicationContext(Spring.class)) {
      @SuppressWarnings("unchecked")
      ReplyingKafkaTemplate<String, String, String> template =
          context.getBean(ReplyingKafkaTemplate.class);
      if (!template.waitForAssignment(Duration.ofSeconds(60))) {
        throw new IllegalStateException("the replies were not assigned in 60 s");
      }
      String value = "{\"a\":1,\"b\":2}";
      Lane.run(() -> template.sendAndReceive(new ProducerRecord<>(setting.topic(), value)));
    }
  }
}
