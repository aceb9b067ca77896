"""Recording a venue's market data: raw bytes as received, complete or saying where they are not."""
