package dev.kogata.core.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kogata.core.budget.CacheShape;
import dev.kogata.core.budget.ElasticPlan;
import dev.kogata.core.budget.ModelCost;
import dev.kogata.core.budget.RandomModels;
import dev.kogata.core.budget.Workload;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PaperSearchTest {

    private static final ModelCost COST = RandomModels.shapesLlava(new Workload(1, 1024));
    private static final long BUDGET = COST.denseBytes() * 2 / 5;

    @Test
    void drawsFiveSparsitiesByBlockAndWidthsByLayerKeysAndValuesAlike() {
        PaperSearch search = new PaperSearch(COST, BUDGET, 3);
        TreeSet<Double> sparsities = new TreeSet<>();
        TreeSet<Integer> widths = new TreeSet<>();
        for (int trial = 0; trial < 200; trial++) {
            Proposal proposal = search.propose(trial, List.of());
            for (int i = 0; i < 56; i++) {
                sparsities.add(Math.round(proposal.parameters()[i / 7] * 1e6) / 1e6);
                assertThat(COST.sparsity(i, proposal.plan().weights().get(i))).isCloseTo(proposal.parameters()[i / 7], org.assertj.core.data.Offset.offset(0.01));
            }
            widths.addAll(proposal.plan().keyBits());
            assertThat(proposal.plan().keyBits()).isEqualTo(proposal.plan().valueBits());
            assertThat(proposal.origin()).isEqualTo("paper");
            assertThat(search.plan(proposal.parameters())).isEqualTo(proposal.plan());
        }
        assertThat(sparsities).hasSize(5);
        assertThat(sparsities.last() - sparsities.first()).isBetween(0.0999, 0.1001);
        assertThat(widths).containsExactly(6, 8);
    }

    @Test
    void keepsTheModelsOwnCacheOnlyWhereItHasTheSixteenBitsOfThePaper() {
        assertThat(widths(4)).containsExactly(6, 8);
        assertThat(widths(2)).containsExactly(0, 6, 8);
    }

    private static TreeSet<Integer> widths(int valueBytes) {
        List<CacheShape> layers = COST.cacheLayers().stream().map(shape -> new CacheShape(shape.layer(), shape.kvHeads(), shape.headSize(), valueBytes,
                shape.groupSize(), List.of(CacheShape.AS_IS, 8, 6, 4))).toList();
        PaperSearch search = new PaperSearch(new ModelCost(COST.untouchedBytes(), COST.weights(), layers, COST.workload()), BUDGET, 3);
        TreeSet<Integer> widths = new TreeSet<>();
        for (int trial = 0; trial < 50; trial++) {
            widths.addAll(search.propose(trial, List.of()).plan().keyBits());
        }
        return widths;
    }

    @Test
    void aboutHalfOfTheRandomPlansWeighMoreThanTheBudgetWithItsSlack() {
        PaperSearch search = new PaperSearch(COST, BUDGET, 5);
        int fit = 0;
        for (int trial = 0; trial < 400; trial++) {
            ElasticPlan plan = search.propose(trial, List.of()).plan();
            fit += COST.bytes(plan).total() <= search.limit(plan) ? 1 : 0;
        }
        assertThat(fit).isBetween(120, 280);
        assertThat(search.limit(search.propose(0, List.of()).plan())).isBetween(BUDGET, (long) (BUDGET * 1.0051));
    }

    @Test
    void goesOnFromItsJournalAndLearnsFromTrialsThatDidNotFit() {
        List<TrialRecord> whole = journal(new PaperSearch(COST, BUDGET, 9), List.of(), 60);
        assertThat(SamplerContract.values(journal(new PaperSearch(COST, BUDGET, 9), whole.subList(0, 31), 60))).isEqualTo(SamplerContract.values(whole));
        long early = whole.subList(0, 10).stream().filter(trial -> trial.state() == TrialRecord.State.STOPPED).count();
        long late = whole.subList(30, 60).stream().filter(trial -> trial.state() == TrialRecord.State.STOPPED).count();
        assertThat(late / 3.0).isLessThanOrEqualTo(early + 1.0);
    }

    @Test
    void putsTheRemainderOfLayersIntoTheFirstBlock() {
        ModelCost twelve = RandomModels.llama(12, 64, 96, 32, 1, 32, 1000, new Workload(1, 64));
        int[] blocks = Granularity.BLOCK.groups(twelve);
        int[] size = new int[8];
        for (int block : blocks) {
            size[block] += 1;
        }
        assertThat(size).containsExactly(35, 7, 7, 7, 7, 7, 7, 7);
        assertThat(Granularity.BLOCK.groups(RandomModels.llama(3, 64, 96, 32, 1, 32, 1000, new Workload(1, 64)))).endsWith(2).startsWith(0);
    }

    private static List<TrialRecord> journal(PaperSearch search, List<TrialRecord> from, int trials) {
        List<TrialRecord> history = new java.util.ArrayList<>(from);
        for (int trial = from.size(); trial < trials; trial++) {
            Proposal proposal = search.propose(trial, history);
            TrialRecord asked = TrialRecord.running(trial, proposal.parameters());
            boolean fits = COST.bytes(proposal.plan()).total() <= search.limit(proposal.plan());
            history.add(fits ? asked.told(SyntheticLoss.of(COST, proposal.plan())) : asked.stopped(Double.POSITIVE_INFINITY));
        }
        return history;
    }
}
