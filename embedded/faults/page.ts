import { PAGE_SCRIPT } from './page-script';
import { PAGE_STYLE } from './page-style';

/** The fault page: self-contained, no framework, served by the embedded cluster itself and built of its catalogue. */
export const FAULT_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Faults · embedded Mayastor cluster</title>
<style>${PAGE_STYLE}</style></head><body><main>
<h1>Faults</h1>
<p class="soft">Break something in the embedded cluster and watch it in the console. Every clock of Mayastor runs faster by the factor that was printed at the start. The same by <code>curl</code>: <a href="/help">help</a>.</p>
<section class="broken" aria-labelledby="now">
<header><h2 id="now" tabindex="-1">Broken now<span id="count"></span></h2><button type="button" id="all" class="end" hidden>End all of it</button></header>
<p id="nothing">Nothing is broken.</p><ul id="broken" aria-labelledby="now"></ul>
</section>
<section aria-labelledby="cluster">
<header><h2 id="cluster">The cluster</h2><span id="core"></span></header>
<div id="nodes" class="nodes"></div><p id="load" class="soft"></p>
</section>
<div id="groups"></div>
</main><p id="said" role="status"></p>
<script>${PAGE_SCRIPT}</script></body></html>`;
