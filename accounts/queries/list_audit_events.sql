SELECT 1 AS one WHERE /* filter { */ true /* } */;
