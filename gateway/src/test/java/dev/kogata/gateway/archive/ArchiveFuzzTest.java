package dev.kogata.gateway.archive;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.kogata.common.v1.Reason;
import dev.kogata.gateway.upload.Checksum;
import dev.kogata.gateway.upload.UploadMetadata;
import dev.kogata.kit.error.KogataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Any bytes in place of an upload, its name and its headers: files below their folder within the limits, or a refusal with its reason. */
class ArchiveFuzzTest {

    private static final ArchiveLimits LIMITS = new ArchiveLimits(100, 1 << 20, 100);

    @TempDir
    static Path folder;

    @FuzzTest(maxDuration = "5m")
    void anArchiveStaysWithinItsFolderAndLimitsOrIsRefused(byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("upload"), bytes);
        long[] unpacked = {0};
        try {
            var archive = Archive.of(file);
            if (archive.isPresent()) {
                archive.get().unpack(LIMITS, (path, content) -> {
                    below(path.toString());
                    unpacked[0] += content.readAllBytes().length;
                });
            }
        } catch (KogataException refused) {
            refusedInWords(refused, Reason.ARCHIVE_INVALID);
        }
        assertThat(unpacked[0]).isLessThanOrEqualTo(LIMITS.mostBytes());
    }

    @FuzzTest(maxDuration = "5m")
    void aNameStaysBelowItsFolderOrIsRefused(byte[] bytes) {
        try {
            below(EntryPath.parse(new String(bytes, StandardCharsets.UTF_8)).toString());
        } catch (KogataException refused) {
            refusedInWords(refused, Reason.ARCHIVE_INVALID);
        }
    }

    @FuzzTest(maxDuration = "5m")
    void headersOfUploadsAreReadOrRefused(byte[] bytes) {
        String header = new String(bytes, StandardCharsets.ISO_8859_1);
        try {
            String filename = UploadMetadata.parse(header).filename();
            if (!filename.isEmpty()) {
                below(filename);
            }
        } catch (KogataException refused) {
            refusedInWords(refused, Reason.ARGUMENT_INVALID, Reason.ARCHIVE_INVALID);
        }
        try {
            Checksum.parse(header);
        } catch (KogataException refused) {
            refusedInWords(refused, Reason.ARGUMENT_INVALID);
        }
    }

    private static void below(String name) {
        Path target = folder.resolve("bundle").resolve(name);
        assertThat(target.normalize()).isEqualTo(target).startsWithRaw(folder.resolve("bundle")).isNotEqualTo(folder.resolve("bundle"));
    }

    private static void refusedInWords(KogataException refused, Reason... reasons) {
        assertThat(refused.reason()).isIn((Object[]) reasons);
        assertThat(refused).hasMessageNotContainingAny(folder.toString(), "dev.kogata", "java.");
    }
}
