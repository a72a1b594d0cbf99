import type { FilterError } from '@/contract/filter';

/** Whether an error may be only that one has not finished typing the term at the cursor. */
export function isBeingTyped(text: string, cursor: number, error: FilterError): boolean {
  const start = text.slice(0, cursor).search(/\S*$/);
  const end = cursor + text.slice(cursor).search(/\s|$/);
  return error.at >= start && error.at <= end;
}
