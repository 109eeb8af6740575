import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;

/** {@code java TrustStore.java CERTIFICATES.pem STORE}: the store of trusted authorities as a JVM reads it, the same bytes for the same certificates. */
class TrustStore {
    public static void main(String[] arguments) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        int number = 0;
        try (var pem = new FileInputStream(arguments[0])) {
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry(String.format("authority-%03d", number++), certificate);
            }
        }
        try (var out = new FileOutputStream(arguments[1])) {
            store.store(out, null);
        }
    }
}
