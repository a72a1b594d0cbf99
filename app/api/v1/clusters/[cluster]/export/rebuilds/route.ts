import { exportRoute } from '@/server/http/export-route';

export const dynamic = 'force-dynamic';

export const GET = exportRoute('rebuilds', 'rebuilds:list');
