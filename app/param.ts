/** A segment of the address as text; one that is not properly encoded stays as it is, and is then simply not found. */
export function segmentText(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
