import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;

/**
 * Makes the certificates of a secured node as PEM files. The JDK's own keytool does it, in this
 * process: some twenty processes would take longer than the node itself.
 *
 * <p>Argument: the folder to make.
 */
class Certificates {
    private static final String STORE_PASSWORD = "changeit";
    private static final String LOCAL = "SAN=dns:localhost,ip:127.0.0.1,ip:::1";
    private static final String BOTH_SIDES = "EKU=serverAuth,clientAuth";
    private static final List<String> VALID = List.of("-startdate", "-1d", "-validity", "3650");
    private static final List<String> EXPIRED = List.of("-startdate", "-10d", "-validity", "2");

    private final Path folder;
    private final Path store;

    private Certificates(Path folder) {
        this.folder = folder;
        this.store = folder.resolve("all.jks");
    }

    public static void main(String[] args) throws Exception {
        Path folder = Files.createDirectories(Path.of(args[0]));
        Certificates certificates = new Certificates(folder);
        certificates.authority("ca");
        certificates.authority("foreign-ca");
        certificates.signed("server", "ca", VALID, LOCAL);
        certificates.signed("expired-server", "ca", EXPIRED, LOCAL);
        certificates.signed("misnamed-server", "ca", VALID, "SAN=dns:other.example");
        certificates.signed("client", "ca", VALID, "SAN=dns:client");
        certificates.signed("expired-client", "ca", EXPIRED, "SAN=dns:client");
        certificates.signed("foreign-client", "foreign-ca", VALID, "SAN=dns:client");
        certificates.write();
    }

    private void authority(String name) throws Exception {
        generate(name, name, VALID, "BC=ca:true", "KU=keyCertSign,cRLSign");
    }

    private void signed(String name, String authority, List<String> validity, String san)
            throws Exception {
        // All clients are the same principal, whatever is wrong with their certificate.
        String common = name.endsWith("client") ? "client" : name;
        generate(name, common, validity, san, BOTH_SIDES, "-signer", authority);
    }

    /** Runs keytool; an argument that begins with a dash begins the options at the end. */
    private void generate(String name, String common, List<String> validity, String... rest)
            throws Exception {
        var args = new ArrayList<>(List.of(
                "-genkeypair", "-alias", name, "-dname", "CN=" + common,
                "-keyalg", "EC", "-groupname", "secp256r1",
                "-keystore", store.toString(), "-storetype", "JKS",
                "-storepass", STORE_PASSWORD, "-keypass", STORE_PASSWORD));
        args.addAll(validity);
        boolean options = false;
        for (String part : rest) {
            options |= part.startsWith("-");
            if (!options) args.add("-ext");
            args.add(part);
        }
        sun.security.tools.keytool.Main.main(args.toArray(String[]::new));
    }

    private void write() throws Exception {
        KeyStore all = KeyStore.getInstance(store.toFile(), STORE_PASSWORD.toCharArray());
        for (String name : Collections.list(all.aliases())) {
            StringBuilder chain = new StringBuilder();
            for (Certificate certificate : all.getCertificateChain(name)) {
                chain.append(pem("CERTIFICATE", certificate.getEncoded()));
            }
            byte[] key = all.getKey(name, STORE_PASSWORD.toCharArray()).getEncoded();
            file(name + ".pem", chain.toString());
            file(name + ".key", pem("PRIVATE KEY", key));
            // What Kafka takes for a key store: the key, and the chain behind it.
            file(name + ".store.pem", pem("PRIVATE KEY", key) + chain);
        }
    }

    private static String pem(String label, byte[] bytes) {
        String text = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(bytes);
        return "-----BEGIN " + label + "-----\n" + text + "\n-----END " + label + "-----\n";
    }

    private void file(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
