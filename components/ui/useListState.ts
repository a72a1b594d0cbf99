'use client';
import { usePathname, useRouter, useSearchParams } from 'next/navigation';

export const PAGE = 100;

export interface ListState {
  q: string;
  sort: string;
  offset: number;
  /** Changes the list's state in the URL; a new filter or order begins at the top. */
  set: (change: { q?: string; sort?: string; offset?: number }) => void;
}

/** Filter, order and place of a list, kept in the URL so that it can be shared, reloaded and gone back to. */
export function useListState(defaultSort: string): ListState {
  const params = useSearchParams();
  const router = useRouter();
  const path = usePathname();
  const q = (params.get('q') ?? '').slice(0, 512);
  const sort = /^-?[a-z-]{1,63}$/.test(params.get('sort') ?? '') ? (params.get('sort') ?? '') : defaultSort;
  const offset = /^\d{1,7}$/.test(params.get('offset') ?? '') ? Number(params.get('offset')) : 0;
  return {
    q,
    sort,
    offset,
    set: (change) => {
      const next = { q, sort, offset: 0, ...change };
      const out = new URLSearchParams();
      if (next.q) out.set('q', next.q);
      if (next.sort !== defaultSort) out.set('sort', next.sort);
      if (next.offset > 0) out.set('offset', String(next.offset));
      const query = out.toString();
      router.replace(query ? `${path}?${query}` : path, { scroll: false });
    },
  };
}
