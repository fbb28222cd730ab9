import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** Topics, settings, rights, quotas and users. */
class Administration {
    private final Admin admin;

    Administration(Map<String, Object> settings) {
        admin = Admin.create(settings);
    }

    void addTo(Map<String, Foreign.Command> commands) {
        commands.put("createTopic", this::createTopic);
        commands.put("deleteTopics", this::deleteTopics);
        commands.put("deleteRecords", this::deleteRecords);
        commands.put("configure", this::configure);
        commands.put("setRights", this::setRights);
        commands.put("setQuotas", this::setQuotas);
        commands.put("setPassword", this::setPassword);
    }

    private Object createTopic(JsonNode with) throws Exception {
        String name = with.get("topic").asText();
        NewTopic topic = new NewTopic(name, with.path("partitions").asInt(1), (short) 1);
        Map<String, String> configs = new HashMap<>();
        with.path("settings").properties().forEach(e -> configs.put(e.getKey(), e.getValue().asText()));
        admin.createTopics(List.of(topic.configs(configs))).all().get();
        return true;
    }

    private Object deleteTopics(JsonNode with) throws Exception {
        List<String> names = new ArrayList<>();
        with.get("topics").forEach(name -> names.add(name.asText()));
        admin.deleteTopics(names).all().get();
        return true;
    }

    private Object deleteRecords(JsonNode with) throws Exception {
        var partition = new TopicPartition(with.get("topic").asText(), with.path("partition").asInt());
        var before = RecordsToDelete.beforeOffset(with.get("before").asLong());
        admin.deleteRecords(Map.of(partition, before)).all().get();
        return true;
    }

    private Object configure(JsonNode with) throws Exception {
        var type = ConfigResource.Type.valueOf(with.get("what").asText().toUpperCase());
        List<AlterConfigOp> ops = new ArrayList<>();
        with.get("settings").properties().forEach(e -> ops.add(new AlterConfigOp(
                new ConfigEntry(e.getKey(), e.getValue().asText()),
                e.getValue().isNull() ? AlterConfigOp.OpType.DELETE : AlterConfigOp.OpType.SET)));
        var resource = new ConfigResource(type, with.get("name").asText());
        admin.incrementalAlterConfigs(Map.of(resource, (Collection<AlterConfigOp>) ops)).all().get();
        return true;
    }

    /** Makes a user's rights exactly these; what is the same before and after is not touched. */
    private Object setRights(JsonNode with) throws Exception {
        String principal = "User:" + with.get("user").asText();
        Set<AclBinding> wanted = new HashSet<>();
        for (JsonNode right : with.get("rights")) {
            var type = ResourceType.valueOf(right.get("on").asText().toUpperCase());
            var pattern = PatternType.valueOf(right.path("pattern").asText("literal").toUpperCase());
            var operation = AclOperation.valueOf(right.get("may").asText().toUpperCase());
            wanted.add(new AclBinding(
                    new ResourcePattern(type, right.get("name").asText(), pattern),
                    new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW)));
        }
        Set<AclBinding> gone = new HashSet<>(admin.describeAcls(AclBindingFilter.ANY).values().get());
        gone.removeIf(acl -> !acl.entry().principal().equals(principal));
        Set<AclBinding> missing = new HashSet<>(wanted);
        missing.removeAll(gone);
        gone.removeAll(wanted);
        admin.deleteAcls(gone.stream().map(AclBinding::toFilter).toList()).all().get();
        admin.createAcls(missing).all().get();
        return true;
    }

    private Object setQuotas(JsonNode with) throws Exception {
        var entity = new ClientQuotaEntity(
                Map.of(ClientQuotaEntity.CLIENT_ID, with.get("clientId").asText()));
        List<ClientQuotaAlteration.Op> ops = new ArrayList<>();
        with.get("quotas").properties().forEach(e -> ops.add(new ClientQuotaAlteration.Op(
                e.getKey(), e.getValue().isNull() ? null : e.getValue().asDouble())));
        admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity, ops))).all().get();
        return true;
    }

    private Object setPassword(JsonNode with) throws Exception {
        String user = with.get("user").asText();
        // One request may change a user once only.
        for (var mechanism : List.of(ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512)) {
            UserScramCredentialAlteration change = with.get("password").isNull()
                    ? new UserScramCredentialDeletion(user, mechanism)
                    : new UserScramCredentialUpsertion(user,
                            new ScramCredentialInfo(mechanism, 4096), with.get("password").asText());
            admin.alterUserScramCredentials(List.of(change)).all().get();
        }
        return true;
    }
}
