package dev.kogata.bench;

import dev.kogata.core.search.Parameter;
import dev.kogata.core.search.Sampler;
import dev.kogata.core.search.TpeSampler;
import dev.kogata.core.search.TrialRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One proposal: by a sampler that goes on with its search, and by a new one, as after a restart. */
@State(Scope.Benchmark)
public class TpeBenchmark {
    private static final int CANDIDATES = 24;

    /** (finished trials) x (dimensions). */
    @Param("1000x64")
    public String shape;

    /** All parameters drawn together (Optuna 5), or each for itself (Optuna 4). */
    @Param({"together", "each"})
    public String mode;

    private List<Parameter> parameters;
    private List<TrialRecord> history;
    private Sampler known;
    private double[] expected;
    private double[] answer;

    /** Makes the history of a search for the middle of a cube. */
    @Setup
    public void prepare() {
        Shape size = Shape.of(shape);
        parameters = new ArrayList<>();
        for (int p = 0; p < size.columns(); p++) {
            parameters.add(new Parameter.Real("x" + p, 0, 1));
        }
        SplittableRandom random = new SplittableRandom(4);
        history = new ArrayList<>();
        for (int t = 0; t < size.rows(); t++) {
            double[] point = new double[parameters.size()];
            double loss = 0;
            for (int p = 0; p < point.length; p++) {
                point[p] = random.nextDouble();
                loss += (point[p] - 0.5) * (point[p] - 0.5);
            }
            history.add(TrialRecord.running(t, point).told(loss));
        }
        known = sampler();
        expected = known.ask(history.size(), history);
    }

    /** A sampler that has seen these trials. */
    @Benchmark
    public double[] goingOn() {
        return answer = Cores.here(() -> known.ask(history.size(), history));
    }

    /** A sampler that has not. */
    @Benchmark
    public double[] restarted() {
        return answer = Cores.here(() -> sampler().ask(history.size(), history));
    }

    /** Both propose the same, within the space. */
    @TearDown(Level.Iteration)
    public void check() {
        WrongAnswer.unless(Arrays.equals(expected, answer), "a restarted search proposes the same");
        for (int p = 0; p < answer.length; p++) {
            WrongAnswer.unless(parameters.get(p).contains(answer[p]), "a proposal lies in the space");
        }
    }

    /** Difference, product, square and sum for each candidate, trial and dimension; read the history once. */
    static Floor floor(String shape) {
        long values = Shape.of(shape).values();
        return new Floor(4 * CANDIDATES * values, 8 * values);
    }

    private Sampler sampler() {
        return mode.equals("each") ? TpeSampler.univariate(parameters, 5) : new TpeSampler(parameters, 5);
    }
}
