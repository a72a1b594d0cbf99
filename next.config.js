/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  productionBrowserSourceMaps: false,
  reactStrictMode: true,
  devIndicators: false,
  // The optimiser is a decoder and a cache we do not need; /_next/image then answers 404.
  images: { unoptimized: true },
  // Packages with native or dynamic parts stay outside Next's server bundle.
  serverExternalPackages: ['@grpc/grpc-js', '@kubernetes/client-node', 'pino', 'prom-client'],
};

export default config;
