import { z } from 'zod';
import { openApiDocument } from '@/server/http/openapi';
import { answer, globalRoute } from '@/server/http/route';
import { allRoutes } from '../all-routes';

export const dynamic = 'force-dynamic';

export const GET = globalRoute(
  { summary: 'This description', permission: 'openapi:read', answer: z.looseObject({}) },
  ({ runtime }) => answer(openApiDocument(allRoutes(), runtime.version)),
);
