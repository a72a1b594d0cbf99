/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  productionBrowserSourceMaps: false,
  reactStrictMode: true,
  devIndicators: false,
  // The optimiser is a decoder and a cache we do not need; /_next/image then answers 404.
  images: { unoptimized: true },
  // A second build beside the first, for tests that must not disturb it.
  distDir: process.env.NEXT_DIST_DIR ?? '.next',
  // Packages with native or dynamic parts stay outside Next's server bundle.
  serverExternalPackages: ['@grpc/grpc-js', '@kubernetes/client-node', 'pino', 'prom-client'],
};

export default config;
