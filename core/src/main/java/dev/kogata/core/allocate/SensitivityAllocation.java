package dev.kogata.core.allocate;

import dev.kogata.core.RefusedInput;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * The least total loss under a byte budget when the losses of single parts add up. All parts start at their smallest
 * option; then bytes go, step by step along the convex hulls, to where one saves most loss (the same as a Lagrange multiplier
 * that falls until the budget is used). The last step may fit only in part. Where that part is continuous the result is
 * exact; where it must take one of its options, both sides of the cut are tried in turn, best bound first, until no
 * bound is below the best plan found: branch and bound over a multiple-choice knapsack.
 */
public final class SensitivityAllocation {
    /** Cuts tried before the best plan so far is taken; {@link Plan#bound} then tells how far it can be from the best. */
    private static final int MOST_CUTS = 20_000;

    private final List<SensitivityCurve> curves;

    public SensitivityAllocation(List<SensitivityCurve> curves) {
        this.curves = List.copyOf(curves);
    }

    /**
     * One part's choice: {@code option}, or, for a continuous part, the point {@code fraction} of the way to {@code next}.
     *
     * @param option index of an option
     * @param next index of the option at the other end of the chord; {@code option} where fraction is 0
     * @param fraction in [0, 1)
     */
    public record Choice(int option, int next, double fraction) {}

    /**
     * What was found.
     *
     * @param choices one for every curve, in order
     * @param bytes of all parts; at most the budget
     * @param loss sum of the parts' losses
     * @param bound no plan's loss is below it; equal to the loss, up to rounding, where the plan is the minimum
     */
    public record Plan(List<Choice> choices, double bytes, double loss, double bound) {}

    /** Allowed options of every curve, and the relaxed minimum among them. */
    private record Node(int[] first, int[] last, Choice[] choices, double bytes, double loss, int cut) {}

    private record Step(int curve, int from, int to, double gain) {}

    /**
     * Finds the minimum.
     *
     * @param budget bytes of all parts together
     * @throws RefusedInput BUDGET_UNREACHABLE where even the smallest options exceed it
     */
    public Plan minimum(double budget) {
        int[] first = new int[curves.size()];
        int[] last = curves.stream().mapToInt(curve -> curve.options() - 1).toArray();
        Node root = relax(first, last, budget);
        if (root == null) {
            double least = curves.stream().mapToDouble(curve -> curve.bytes()[0]).sum();
            throw new RefusedInput("BUDGET_UNREACHABLE", "The budget of %.0f bytes cannot be met; the smallest plan takes %.0f.".formatted(budget, least),
                    Map.of("minimum_bytes", "%.0f".formatted(least)));
        }
        PriorityQueue<Node> open = new PriorityQueue<>(Comparator.comparingDouble(Node::loss));
        open.add(root);
        Node best = rounded(root, budget);
        for (int cuts = 0; cuts < MOST_CUTS && !open.isEmpty() && open.peek().loss < best.loss - tolerance(best); cuts++) {
            Node node = open.remove();
            if (node.cut < 0) {
                best = node;
                break;   // the lowest bound is a plan
            }
            Choice split = node.choices[node.cut];
            for (boolean below : new boolean[] {true, false}) {
                int[] from = node.first.clone(), to = node.last.clone();
                if (below) {
                    to[node.cut] = split.next - 1;
                } else {
                    from[node.cut] = split.next;
                }
                Node child = relax(from, to, budget);
                if (child != null && child.loss < best.loss) {
                    Node plan = rounded(child, budget);
                    best = plan.loss < best.loss ? plan : best;
                    open.add(child);
                }
            }
        }
        double bound = open.isEmpty() ? best.loss : Math.min(best.loss, open.peek().loss);
        return new Plan(List.of(best.choices), best.bytes, best.loss, bound);
    }

    private static double tolerance(Node best) {
        return 1e-12 * Math.abs(best.loss);
    }

    /** The minimum where every part may lie between options; null where nothing fits. */
    private Node relax(int[] first, int[] last, double budget) {
        Choice[] choices = new Choice[curves.size()];
        double bytes = 0, loss = 0;
        List<Step> steps = new ArrayList<>();
        for (int c = 0; c < choices.length; c++) {
            SensitivityCurve curve = curves.get(c);
            int[] hull = ConvexHull.of(curve, first[c], last[c]);
            choices[c] = new Choice(hull[0], hull[0], 0);
            bytes += curve.bytes()[hull[0]];
            loss += curve.loss()[hull[0]];
            for (int k = 1; k < hull.length; k++) {
                steps.add(new Step(c, hull[k - 1], hull[k], ConvexHull.gain(curve, hull[k - 1], hull[k])));
            }
        }
        if (bytes > budget) {
            return null;
        }
        // A curve's own steps are in order already, and stay so among equal gains: the sort is stable.
        steps.sort(Comparator.comparingDouble(Step::gain).reversed());
        int cut = -1;
        for (Step step : steps) {
            SensitivityCurve curve = curves.get(step.curve);
            double more = curve.bytes()[step.to] - curve.bytes()[step.from];
            double saved = curve.loss()[step.from] - curve.loss()[step.to];
            if (bytes + more > budget) {
                double fraction = (budget - bytes) / more;
                if (fraction > 0) {
                    choices[step.curve] = new Choice(step.from, step.to, fraction);
                    bytes = budget;
                    loss -= saved * fraction;
                    cut = curve.continuous() ? -1 : step.curve;
                }
                break;
            }
            choices[step.curve] = new Choice(step.to, step.to, 0);
            bytes += more;
            loss -= saved;
        }
        return new Node(first, last, choices, bytes, loss, cut);
    }

    /** A plan near a relaxed one: the part that was cut goes back to its smaller option, and others use what that sets free. */
    private Node rounded(Node node, double budget) {
        if (node.cut < 0) {
            return node;
        }
        double spare = budget - node.bytes;
        Choice[] choices = node.choices.clone();
        Choice cut = choices[node.cut];
        SensitivityCurve of = curves.get(node.cut);
        spare += cut.fraction * (of.bytes()[cut.next] - of.bytes()[cut.option]);
        choices[node.cut] = new Choice(cut.option, cut.option, 0);
        for (int c = 0; c < choices.length; c++) {
            SensitivityCurve curve = curves.get(c);
            int from = choices[c].option, best = from;
            for (int k = from + 1; k <= node.last[c]; k++) {
                if (curve.bytes()[k] - curve.bytes()[from] <= spare && curve.loss()[k] < curve.loss()[best]) {
                    best = k;
                }
            }
            spare -= curve.bytes()[best] - curve.bytes()[from];
            choices[c] = new Choice(best, best, 0);
            if (curve.continuous() && best < node.last[c] && curve.loss()[best + 1] < curve.loss()[best]) {
                double more = curve.bytes()[best + 1] - curve.bytes()[best];
                double fraction = Math.min(spare / more, Math.nextDown(1.0));
                choices[c] = new Choice(best, best + 1, fraction);
                spare -= fraction * more;
            }
        }
        double loss = 0;
        for (int c = 0; c < choices.length; c++) {
            loss += loss(curves.get(c), choices[c]);
        }
        return new Node(node.first, node.last, choices, budget - spare, loss, -1);
    }

    private static double loss(SensitivityCurve curve, Choice choice) {
        return curve.loss()[choice.option] + choice.fraction * (curve.loss()[choice.next] - curve.loss()[choice.option]);
    }
}
