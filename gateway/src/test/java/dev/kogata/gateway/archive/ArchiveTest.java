package dev.kogata.gateway.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kogata.common.v1.Reason;
import dev.kogata.kit.error.KogataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.zip.UnixStat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveTest {
    private static final ArchiveLimits LIMITS = new ArchiveLimits(100, 1 << 20, 1000);

    @TempDir
    Path folder;

    @Test
    void unpacksTheSameFilesFromEveryKind() {
        Packing packing = new Packing().file("config.json", "{}").file("onnx/model.onnx", "bytes");
        for (byte[] archive : List.of(packing.tar(), Packing.gzip(packing.tar()), packing.zip())) {
            assertThat(unpack(archive)).containsExactly(Map.entry("config.json", "{}"), Map.entry("onnx/model.onnx", "bytes"));
        }
    }

    @Test
    void takesOtherFilesForNoArchive() throws IOException {
        Path file = Files.writeString(folder.resolve("data.jsonl"), "{\"messages\":[]}\n");
        assertThat(Archive.of(file)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../etc/passwd", "a/../../x", "/etc/passwd", "C:\\x", "C:/x", "\\\\host\\x", "file:///x", "a//b", "a/./b",
        "a\nb", "a\u001b[31mb", "a\u202eb", "..", "a/.."})
    @Tag("hostile-51")
    void refusesNamesThatAreNoPlainRelativePath(String name) {
        assertRefused(new Packing().file("ok", "").file(name, "x"));
    }

    @Test
    @Tag("hostile-51")
    void refusesLinksAndDevices() {
        assertRefused(new Packing().symbolicLink("link"));
        assertRefused(new Packing().special("device", TarArchiveEntry.LF_CHR, 0020000));
        assertRefused(new Packing().special("fifo", TarArchiveEntry.LF_FIFO, 0010000));
        assertRefusedTar(new Packing().special("hard", TarArchiveEntry.LF_LINK, UnixStat.LINK_FLAG).tar());
    }

    @Test
    @Tag("hostile-51")
    void refusesNamesThatComeTwiceOrDifferOnlyInCaseOrComposition() {
        assertRefused(new Packing().file("a", "1").file("a", "2"));
        assertRefused(new Packing().file("Model.onnx", "1").file("model.onnx", "2"));
        assertRefused(new Packing().file("\u00e9", "1").file("e\u0301", "2"));
        assertRefused(new Packing().file("a", "1").file("a/b", "2"));
        assertRefused(new Packing().file("a/b", "1").file("A", "2"));
    }

    @Test
    @Tag("hostile-51")
    void refusesMoreEntriesThanAllowed() {
        Packing packing = new Packing();
        for (int i = 0; i <= 100; i++) {
            packing.file("file" + i, "");
        }
        assertRefused(packing);
    }

    @Test
    @Tag("hostile-51")
    void refusesADirectoryOfAZipThatIsTooLongBeforeItIsRead() {
        Packing packing = new Packing();
        for (int i = 0; i < 2000; i++) {
            packing.file("file" + i, "");
        }
        assertThatThrownBy(() -> unpack(packing.zip())).hasMessageContaining("more than 100 entries");
    }

    @Test
    @Tag("hostile-51")
    void countsBytesWhileUnpackingAndStopsABomb() {
        byte[] zeros = new byte[2 << 20];
        Packing packing = new Packing().file("zeros", zeros);
        assertRefused(packing);
        assertRefusedTar(Packing.gzip(packing.tar()));
    }

    @Test
    @Tag("hostile-51")
    void doesNotBelieveTheSizesOfAZip() {
        byte[] zip = new Packing().file("a", "some bytes").zip();
        int directory = lastIndexOf(zip, 0x02014b50);
        ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN).putInt(directory + 24, 3);
        assertRefusedTar(zip);
    }

    @Test
    void noticesAFlippedBit() {
        byte[] zip = new Packing().file("a", new byte[1000]).file("b", random(1000)).zip();
        zip[zip.length / 2] ^= 1;
        assertRefusedTar(zip);
        byte[] gzip = Packing.gzip(new Packing().file("b", random(10_000)).tar());
        gzip[gzip.length / 2] ^= 1;
        assertRefusedTar(gzip);
    }

    @Test
    @Tag("hostile-51")
    void refusesOverlappingEntries() {
        byte[] zip = new Packing().file("a", random(100)).file("b", random(100)).zip();
        int second = lastIndexOf(zip, 0x02014b50);
        ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN).putInt(second + 42, 0);
        assertRefusedTar(zip);
    }

    @Test
    void refusesWhatIsCutOffAnywhereInAFile() {
        byte[] tar = new Packing().file("a", random(3000)).tar();
        assertRefusedTar(Arrays.copyOf(tar, 2000));
        byte[] gzip = Packing.gzip(tar);
        byte[] zip = new Packing().file("a", random(3000)).zip();
        for (int sixteenth = 1; sixteenth < 16; sixteenth++) {
            assertRefusedTar(Arrays.copyOf(gzip, gzip.length * sixteenth / 16));
            assertRefusedTar(Arrays.copyOf(zip, zip.length * sixteenth / 16));
        }
    }

    @Test
    void refusesAHeaderThatNeverEnds() {
        // A GNU long name of two megabytes, which the library alone would read into memory whatever its length.
        TarHeader name = new TarHeader("././@LongLink", (byte) 'L', 2 << 20);
        byte[] tar = Arrays.copyOf(name.bytes(), 512 + (2 << 20) + 1024);
        Arrays.fill(tar, 512, 512 + (2 << 20), (byte) 'a');
        assertRefusedTar(tar);
    }

    @Test
    void refusesAnArchiveWithoutFiles() {
        assertRefusedTar(Packing.gzip(new Packing().tar()));
        assertRefusedTar(new Packing().zip());
    }

    @Test
    void leavesOutWhatMacsAdd() {
        Packing packing = new Packing().file("__MACOSX/._a", "x").file("a", "1").file(".DS_Store", "x");
        assertThat(unpack(packing.zip())).containsOnlyKeys("a");
    }

    @Test
    void stripsOneFolderAroundEverything() {
        assertThat(strip("top/a", "top/sub/b")).containsExactly("a", "sub/b");
        assertThat(strip("top/a", "b")).containsExactly("top/a", "b");
        assertThat(strip("a")).containsExactly("a");
    }

    private static List<String> strip(String... paths) {
        return CommonFolder.strip(Arrays.stream(paths).map(EntryPath::parse).toList()).stream().map(EntryPath::toString).toList();
    }

    /** A tar header with a right checksum, for entries that no library writes. */
    private record TarHeader(String name, byte type, long size) {
        byte[] bytes() {
            byte[] header = new byte[512];
            new TarArchiveEntry(name, type).writeEntryHeader(header);
            byte[] length = String.format("%011o", size).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(length, 0, header, 124, 11);
            Arrays.fill(header, 148, 156, (byte) ' ');
            int sum = 0;
            for (byte b : header) {
                sum += b & 0xFF;
            }
            System.arraycopy(String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII), 0, header, 148, 8);
            return header;
        }
    }

    private void assertRefused(Packing packing) {
        assertRefusedTar(packing.tar());
        assertRefusedTar(packing.zip());
    }

    private void assertRefusedTar(byte[] archive) {
        assertThatThrownBy(() -> unpack(archive)).isInstanceOfSatisfying(KogataException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.ARCHIVE_INVALID);
            assertThat(e.getMessage()).doesNotContain("\n").doesNotContain("\u001b").doesNotContain(folder.toString());
        });
    }

    private Map<String, String> unpack(byte[] bytes) {
        Map<String, String> files = new TreeMap<>();
        try {
            Path file = Files.write(folder.resolve("archive"), bytes);
            Archive archive = Archive.of(file).orElseThrow();
            archive.unpack(LIMITS, (path, content) ->
                files.put(path.toString(), new String(content.readAllBytes(), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return files;
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    private static int lastIndexOf(byte[] bytes, int signature) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = bytes.length - 4; at >= 0; at--) {
            if (buffer.getInt(at) == signature) {
                return at;
            }
        }
        throw new AssertionError("no such signature");
    }
}
