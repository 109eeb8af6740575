package dev.kogata.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every variant finds what its check wants, on small shapes; times are no matter of tests. */
class BenchmarksTest {
    @ParameterizedTest
    @ValueSource(strings = {"1x2", "5x33", "40x128"})
    void masksAgree(String shape) {
        MaskBenchmark masks = new MaskBenchmark();
        masks.shape = shape;
        masks.prepare();
        for (Runnable variant : new Runnable[] {masks::sorting, masks::kthValue, masks::selection}) {
            variant.run();
            masks.check();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1x2", "5x33", "40x128"})
    void levelMapsAgreeWithMasks(String shape) {
        LevelMapBenchmark levels = new LevelMapBenchmark();
        levels.shape = shape;
        levels.prepare();
        levels.oneMask();
        levels.check();
        levels.levelMap();
        levels.check();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 6, 8})
    void cachesArePackedAsSpecified(int bits) {
        PackingBenchmark packing = new PackingBenchmark();
        packing.shape = "7x64";
        packing.bits = bits;
        packing.prepare();
        for (Runnable variant : new Runnable[] {packing::copy, packing::pack, packing::unpack}) {
            variant.run();
            packing.check();
        }
        assertThatThrownBy(packing::check).as("checked bytes are spoiled").hasMessageContaining("specification");
    }

    @ParameterizedTest
    @ValueSource(strings = {"together", "each"})
    void restartedSearchesProposeTheSame(String mode) {
        TpeBenchmark tpe = new TpeBenchmark();
        tpe.shape = "30x3";
        tpe.mode = mode;
        tpe.prepare();
        tpe.goingOn();
        tpe.check();
        tpe.restarted();
        tpe.check();
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "openblas"})
    void repairedWeightsHaveTheirZerosAndASmallerError(String algebra) {
        SparseGptBenchmark repair = new SparseGptBenchmark();
        repair.shape = "48x48";
        repair.algebra = algebra;
        repair.prepare();
        for (Runnable variant : new Runnable[] {repair::product, repair::oneVersion, repair::eightVersions}) {
            variant.run();
            repair.check();
        }
    }

    @Test
    void projectionsUseTheirBudgetUp() {
        ProjectionBenchmark projection = new ProjectionBenchmark();
        projection.shape = "2x7";
        projection.prepare();
        projection.countBytes();
        projection.check();
        projection.project();
        projection.check();
    }

    @Test
    void aWrongAnswerIsNoticed() {
        MaskBenchmark masks = new MaskBenchmark();
        masks.shape = "5x33";
        masks.prepare();
        masks.selection()[0] ^= true;
        assertThatThrownBy(masks::check).hasMessageContaining("sorted rows");
    }

    @Test
    void aLineOfTheReportIsOneDocument() {
        Timed timed = new Timed("mask", "selection", "4096x4096", 1, 20, 15, 10, new Floor(2_000_000, 4_000_000), 12.5);
        assertThat(timed.json()).isEqualTo("{\"op\":\"mask\",\"variant\":\"selection\",\"shape\":\"4096x4096\",\"threads\":1,\"median_ms\":20.000000,\"cpu_ms\":15.000000,"
                + "\"fastest_ms\":10.000000,\"floor_operations\":2000000,\"floor_bytes\":4000000,\"operations_per_second\":100000000,"
                + "\"bytes_per_second\":200000000,\"times_baseline\":12.5000}");
        assertThat(timed.line()).contains("mask", "4096x4096", "20.0", "12.5x").hasSameSizeAs(Timed.header());
    }

    @Test
    void anUnknownNameIsAUsageError() {
        assertThat(BenchMain.run("masks")).isEqualTo(2);
        assertThat(BenchMain.run("--threads", "none")).isEqualTo(2);
    }
}
