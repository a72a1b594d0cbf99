/** The row that a key leads to from row `at` of `count`; undefined when the key moves nothing. `page` is rows of a screen. */
export function gridMove(key: string, at: number, count: number, page: number): number | undefined {
  if (count === 0) return undefined;
  const to = (index: number) => Math.max(0, Math.min(count - 1, index));
  switch (key) {
    case 'ArrowDown':
      return to(at + 1);
    case 'ArrowUp':
      return to(at - 1);
    case 'PageDown':
      return to(at + page);
    case 'PageUp':
      return to(at - page);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
