/** The measurement at one size. */
export interface Point {
  readonly size: number;
  readonly time: number;
}

/**
 * The exponent `e` of the power law `time = c · size^e` that fits the points best: the slope of the least-squares line
 * through their logarithms. 1 is linear growth, 2 is quadratic.
 *
 * @throws RangeError for fewer than two sizes, or a size or time that is not above 0.
 */
export function exponent(points: readonly Point[]): number {
  const logs = points.map(({ size, time }) => [logarithm(size), logarithm(time)] as const);
  const meanX = mean(logs.map(([x]) => x));
  const meanY = mean(logs.map(([, y]) => y));
  let covariance = 0;
  let variance = 0;
  for (const [x, y] of logs) {
    covariance += (x - meanX) * (y - meanY);
    variance += (x - meanX) ** 2;
  }
  if (variance === 0) throw new RangeError('Cannot fit a growth to fewer than two sizes');
  return covariance / variance;
}

/** The middle value, or the mean of the two middle values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('Cannot take the median of no values');
  return (lower + upper) / 2;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function logarithm(value: number): number {
  if (!(value > 0 && value < Infinity)) {
    throw new RangeError(`Cannot fit a growth to ${value}: expected a number above 0`);
  }
  return Math.log(value);
}
