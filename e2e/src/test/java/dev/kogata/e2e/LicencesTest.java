package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every library that lies in the installation is in docs/libraries.csv, under a licence that Kogata may be delivered with (decision 0023). */
class LicencesTest {
    private static final Set<String> ALLOWED = Set.of("Apache-2.0", "MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "EPL-2.0", "MPL-2.0");
    private static final String REPAIR = "Write docs/libraries.csv again, as .ci/libraries says.";

    @Test
    void everyLibraryHasALicenceThatIsAllowed() throws IOException {
        listed().forEach((library, licence) -> assertThat(licence.split(" OR ")).as(library).containsAnyElementsOf(ALLOWED));
    }

    @Test
    void theListHasWhatIsDeliveredAndNothingElse() throws IOException {
        Set<String> delivered = new TreeSet<>();
        Set<String> unlisted = new TreeSet<>();
        Set<String> libraries = listed().keySet();
        for (String jar : jars()) {
            Set<String> of = new TreeSet<>();
            libraries.stream().filter(library -> isOf(jar, library)).forEach(of::add);
            if (of.isEmpty()) {
                unlisted.add(jar);
            }
            delivered.addAll(of);
        }
        assertThat(unlisted).as(REPAIR).isEmpty();
        assertThat(delivered).as(REPAIR).containsExactlyElementsOf(libraries);
    }

    /** Quarkus puts a library's group before its name; the broker's folder has names alone. */
    private static boolean isOf(String jar, String library) {
        String name = library.substring(library.indexOf(':') + 1);
        return Pattern.matches("(" + Pattern.quote(library.replace(':', '.')) + "|" + Pattern.quote(name) + ")-\\d.*\\.jar", jar);
    }

    private static Set<String> jars() throws IOException {
        Set<String> jars = new TreeSet<>();
        for (String folder : List.of("standalone/target/quarkus-app/lib", "broker/target/lib")) {
            try (Stream<Path> files = Files.walk(Kogata.ROOT.resolve(folder))) {
                // Of ONNX Runtime there are two builds; which one is delivered is said by the profile gpu.
                files.map(file -> file.getFileName().toString().replace("onnxruntime_gpu-", "onnxruntime-")).filter(name -> name.endsWith(".jar") && !name.matches("(dev\\.kogata\\.)?kogata-.*")).forEach(jars::add);
            }
        }
        assertThat(jars).hasSizeGreaterThan(100);
        return jars;
    }

    private static Map<String, String> listed() throws IOException {
        Map<String, String> licences = new TreeMap<>();
        for (String line : Files.readAllLines(Kogata.ROOT.resolve("docs/libraries.csv")).stream().skip(1).toList()) {
            licences.put(line.substring(0, line.indexOf(',')), line.substring(line.indexOf(',') + 1));
        }
        return licences;
    }
}
