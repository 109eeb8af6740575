package dev.kogata.orchestrator.job;

import dev.kogata.common.v1.ElasticPlan;
import dev.kogata.common.v1.Quality;
import dev.kogata.core.search.TrialRecord;
import java.util.Locale;
import java.util.Optional;

/**
 * One line of a search's journal. Immutable.
 *
 * @param number number of the trial, from 0; negative for baselines that are measured beside a search that does not start with them
 * @param origin where the plan came from
 * @param parameters what the search proposed, bit for bit
 * @param plan the plan
 * @param bytes bytes of the plan at the workload
 * @param state how far it came
 * @param quality what was measured, of a part of the samples where it was stopped; empty where nothing was
 * @param moments when it was asked and told
 */
public record Trial(int number, String origin, double[] parameters, ElasticPlan plan, long bytes, State state, Optional<Quality> quality, Moments moments) {

    /**
     * Moments on the journal's own clock, which moves on by one with everything that is asked or told: which trials a proposal knew,
     * and with which losses.
     *
     * @param asked when the plan was proposed, from 1
     * @param told when its loss was known; 0 before
     * @param proposalSeconds seconds that it took to propose it, on the monotonic clock
     */
    public record Moments(int asked, int told, double proposalSeconds) {
    }

    /** How far a trial came. */
    public enum State {
        /** Asked, not measured yet. */
        RUNNING,
        /** Measured on all samples. */
        COMPLETE,
        /** Given up early: its loss is at least what was measured. */
        STOPPED,
        /** Over the budget, so not measured. */
        INFEASIBLE;

        /** As documents write it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A trial that was asked. */
    public static Trial asked(int number, String origin, double[] parameters, ElasticPlan plan, long bytes, int moment, double proposalSeconds) {
        return new Trial(number, origin, parameters, plan, bytes, State.RUNNING, Optional.empty(), new Moments(moment, 0, proposalSeconds));
    }

    /** Its loss, a lower bound where it was stopped, infinite where it was over the budget; only of a trial that is done. */
    public double loss() {
        return state == State.INFEASIBLE ? Double.POSITIVE_INFINITY : Loss.of(quality.orElseThrow()).value();
    }

    /** Whether there is nothing left to measure. */
    public boolean done() {
        return state != State.RUNNING;
    }

    /** The same trial, measured on all samples. */
    public Trial measured(Quality found) {
        return new Trial(number, origin, parameters, plan, bytes, State.COMPLETE, Optional.of(found), moments);
    }

    /** The same trial, given up after a part of the samples; {@code found} is what they are enough to show. */
    public Trial stopped(Quality found) {
        return new Trial(number, origin, parameters, plan, bytes, State.STOPPED, Optional.of(found), moments);
    }

    /** The same trial, over the budget. */
    public Trial infeasible() {
        return new Trial(number, origin, parameters, plan, bytes, State.INFEASIBLE, Optional.empty(), moments);
    }

    /** The same trial, told at this moment. */
    public Trial told(int moment) {
        return new Trial(number, origin, parameters, plan, bytes, state, quality, new Moments(moments.asked, moment, moments.proposalSeconds));
    }

    /** What a procedure is told of it, under the procedure's own number. */
    public TrialRecord record(int ofProcedure) {
        TrialRecord asked = TrialRecord.running(ofProcedure, parameters);
        return switch (state) {
            case RUNNING -> asked;
            case COMPLETE -> asked.told(loss());
            case STOPPED, INFEASIBLE -> asked.stopped(loss());
        };
    }
}
