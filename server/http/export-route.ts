import { z } from 'zod';
import type { ExportedList } from '@/contract/keys';
import { ExportQuery } from '@/contract/list';
import type { Permission } from '@/contract/permission';
import { exportFile } from '../live/exports';
import { type RouteHandler, route } from './route';

/** Route that answers a whole filtered list as a file. It asks for the permission of the list itself. */
export function exportRoute(list: ExportedList, permission: Permission): RouteHandler {
  return route<z.ZodObject, typeof ExportQuery, z.ZodUndefined, z.ZodString>(
    {
      summary: `All ${list} that pass a filter, as CSV or JSON`,
      permission,
      query: ExportQuery,
      answer: z.string(),
      file: ['text/csv', 'application/json'],
    },
    ({ cluster, query }) => exportFile(cluster, list, query),
  );
}
