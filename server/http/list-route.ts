import type { z } from 'zod';
import type { ListQuery } from '@/contract/list';
import type { Permission } from '@/contract/permission';
import type { Cluster } from '../runtime';
import type { Answer } from './answer';
import { type RouteHandler, route } from './route';

/** A list's route: its entity tag is the snapshot's revision, because a list changes only with it. */
export function listRoute<A extends z.ZodType>(
  definition: { summary: string; permission: Permission; query: typeof ListQuery; answer: A },
  read: (cluster: Cluster, query: ListQuery) => Answer<z.input<A>>,
): RouteHandler {
  return route<z.ZodObject, typeof ListQuery, z.ZodUndefined, A>(definition, ({ cluster, query, runtime }) => {
    const result = read(cluster, query);
    if (!result.ok) return result;
    return { ...result, etag: `"${runtime.instance}-${cluster.collector.snapshot.revision}"` };
  });
}
