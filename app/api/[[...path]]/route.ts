import { nothingHere } from '@/server/http/nothing-here';

export const dynamic = 'force-dynamic';

// Below /api everything is JSON, also what is not there: a program must never get a page.
export const GET = nothingHere;
export const POST = nothingHere;
export const PUT = nothingHere;
export const DELETE = nothingHere;
