#!/bin/sh
# Writes src/formats/onnx_pb.ts anew from src/formats/onnx.proto (ONNX 1.12, Apache-2.0). Needs protoc (Debian: protobuf-compiler).
set -eu
cd "$(dirname "$0")/.."
protoc --plugin=protoc-gen-es=node_modules/.bin/protoc-gen-es \
  --es_out=src/formats --es_opt=target=ts,import_extension=ts,ts_nocheck=true \
  -I src/formats src/formats/onnx.proto
