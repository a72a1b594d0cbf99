import { exportRoute } from '@/server/http/export-route';

export const dynamic = 'force-dynamic';

export const GET = exportRoute('nodes', 'nodes:list');
