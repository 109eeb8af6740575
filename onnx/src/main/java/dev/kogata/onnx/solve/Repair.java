package dev.kogata.onnx.solve;

/**
 * How one weight was repaired.
 *
 * @param weight its id
 * @param damping what was added to the diagonal of its Hessian, as a share of the mean
 * @param loss half the sum of {@code ((w - q) / U_jj)^2}, SparseGPT's measure of the change
 */
public record Repair(String weight, double damping, double loss) {
}
